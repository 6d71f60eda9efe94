//! Batteries that are made of numbers: a cell model, packs, a fleet, and their way to a real broker.
//!
//! What is simulated is the pack and its sensors. Everything after the measurement is [`bms_core`], the code that runs on a
//! battery: estimator, frames, sequence reservation, outbox, publisher.
//!
//! **Keys are for simulations only.** A fleet's keys are derived from a seed text ([`DeviceIdentity::derive`]); whoever knows
//! the text has the keys. That is what makes a run repeatable, and what a real device must never do.
//!
//! The same seed gives the same frames, byte for byte, on every machine: the model's transcendental functions come from
//! `libm`, its randomness from ChaCha8, and Ed25519 is deterministic.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod battery;
pub mod cell;
pub mod chemistry;
pub mod drive_cycle;
pub mod fleet;
pub mod identity;
pub mod jbd;
pub mod manifest;
pub mod memory;
pub mod mqtt;
pub mod options;
pub mod pack;
mod random;
pub mod report;
pub mod retry;
pub mod state;

pub use battery::{Produced, SimulatedBattery};
pub use identity::{proof_of_possession, sign_statement, DeviceIdentity, Operator};
pub use manifest::Member;
