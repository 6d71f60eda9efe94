//! Bytes into calls, extrinsics and frames.
//!
//! Each function here is a fuzz target: it takes any bytes and panics when something does not hold. Most take the bytes for a story,
//! a sequence of plausible calls of one pallet ([`calls`], [`sequence`]), and ask afterwards what holds of the ledger after every
//! call ([`invariants`]). `tests/fixed.rs` runs them over a corpus and a fixed number of mutations of it, `cargo-fuzz/` without end;
//! `runtime/tests/random_walk.rs` tells one long story with the same calls.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod calls;
pub mod chain;
pub mod choices;
pub mod extrinsics;
pub mod frames;
pub mod invariants;
pub mod members;
pub mod sequence;

use calls::Ledger;

/// A function that takes any bytes.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: [(&str, Target); 9] = [
	("extrinsic_decoding", extrinsic_decoding),
	("frame_decoding", frame_decoding),
	("organisations", organisations),
	("validators", validators),
	("passport", passport),
	("ownership_transfer", ownership_transfer),
	("access_grant", access_grant),
	("telemetry", telemetry),
	("documents", documents),
];

/// The bytes as an extrinsic.
pub fn extrinsic_decoding(data: &[u8]) {
	extrinsics::take(data);
}

/// The bytes as a frame of a device, and as the readings in one.
pub fn frame_decoding(data: &[u8]) {
	frames::take_frame(data);
	frames::take_readings(data);
}

/// The bytes as a story of members.
pub fn organisations(data: &[u8]) {
	sequence::tell(Ledger::Organisations, data);
}

/// The bytes as a story of validators.
pub fn validators(data: &[u8]) {
	sequence::tell(Ledger::Validators, data);
}

/// The bytes as a story of passports.
pub fn passport(data: &[u8]) {
	sequence::tell(Ledger::Passport, data);
}

/// The bytes as a story of owners.
pub fn ownership_transfer(data: &[u8]) {
	sequence::tell(Ledger::OwnershipTransfer, data);
}

/// The bytes as a story of grants.
pub fn access_grant(data: &[u8]) {
	sequence::tell(Ledger::AccessGrant, data);
}

/// The bytes as a story of devices.
pub fn telemetry(data: &[u8]) {
	sequence::tell(Ledger::Telemetry, data);
}

/// The bytes as a story of documents.
pub fn documents(data: &[u8]) {
	sequence::tell(Ledger::Documents, data);
}

/// The pallet that a target tells stories of; `None` for the two that decode.
pub fn ledger_of(target: &str) -> Option<Ledger> {
	TARGETS
		.iter()
		.skip(2)
		.zip(Ledger::ALL)
		.find(|((name, _), _)| *name == target)
		.map(|(_, ledger)| ledger)
}
