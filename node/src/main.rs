//! `passport-node`: the process that a member of the consortium runs to hold, extend and serve the ledger.
//!
//! It brings network, database, consensus (Aura for blocks, GRANDPA for finality) and JSON-RPC together. The rules of
//! the ledger are not in it: they are the WASM runtime in the chain's state, so that an upgrade which the council has
//! authorised reaches every node without a new program, and an edit of a pallet does not rebuild this crate.

#![forbid(unsafe_code)]
// The errors of `sc-service` and `sc-cli` are large; each of them ends the process, so that none is worth a box.
#![allow(clippy::result_large_err)]

mod block;
mod chain_spec;
mod cli;
mod command;
mod fake_runtime_api;
mod rpc;
mod service;

use std::process::ExitCode;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			// The text of an input error is a whole sentence of ours; Substrate would print `Error: Input("…")`.
			match error {
				sc_cli::Error::Input(sentence) => eprintln!("error: {sentence}"),
				other => eprintln!("error: {other}"),
			}
			ExitCode::FAILURE
		}
	}
}
