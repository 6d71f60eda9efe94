//! Takes frames of batteries from MQTT 5 and puts them on the ledger: each once, none lost.
//!
//! ```text
//! broker ─ mqtt ─▶ inbox ─ intake ─▶ store (RocksDB) ─ batch ─▶ submit ─▶ ledger
//!            ▲                │ synced                            │ finalised
//!            └── acknowledge ◀┘            removed from the store ◀┘
//! ```
//!
//! A message is acknowledged when it is on disk and not before; it leaves the disk when the block that took
//! it is final, or as a dead letter with its reason. Between the two the bridge may be killed at any point:
//! what is on disk at the next start counts as *attempted*, and the ledger is asked which of it it has
//! already.
//!
//! ## Terminology
//! - **frame**: what a battery signs and publishes (`passport_primitives::telemetry`); its key is (device,
//!   sequence), so that a second delivery is the same entry.
//! - **refusal**: why a frame does not get onto the ledger, by the bridge's own check or by the chain's.
//! - **parked**: a message that only the ledger can judge, while no node answers.
//! - **lane**: one signing account with its own nonce.
//! - **vault**: the batteries that send the protocol's plain JSON and whose device this bridge is: it seals and signs for them.
//! - **command**: what the responsible operator tells a device; this crate signs and sends it ([`command`]), apart from the bridge.
//! - **anchor**: many frames under one Merkle root, which is all that the ledger gets of them ([`anchor`]); the other path of two.
//!
//! ## Assumptions
//! - The ledger takes a sequence of a device once
//!   ([`SequenceWindow`](passport_primitives::telemetry::SequenceWindow)). The bridge relies on it: sending
//!   again is always safe, forgetting never is.
//! - This bridge alone sends the frames of its batteries in order. A device is in one extrinsic at a time and
//!   with sequences less than 64 apart, so that the ledger's window can tell of each whether it was taken.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod anchor;
pub mod backoff;
pub mod batch;
pub mod bridge;
pub mod broker;
pub mod chain;
pub mod clock;
pub mod command;
pub mod config;
pub mod content;
pub mod devices;
pub mod http;
pub mod inbox;
pub mod inclusion;
pub mod intake;
pub mod ledger;
pub mod metrics;
pub mod mqtt;
pub mod plain_json;
pub mod reason;
pub mod replay;
pub mod rfc3339;
pub mod signatures;
pub mod signer;
pub mod status;
pub mod stop;
pub mod store;
pub mod submit;
pub mod tls;
pub mod vault;

#[cfg(test)]
mod pipeline_tests;
#[cfg(test)]
mod test_battery;
#[cfg(test)]
mod test_certificates;
#[cfg(test)]
mod test_mosquitto;
#[cfg(test)]
mod tls_tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic elsewhere: what these mutexes guard is consistent between any two statements
/// that hold them.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
