//! What a battery does with its measurements before they leave it: estimate, collect, seal, sign, keep, publish.
//!
//! Nothing here knows of a board, of an allocator or of an executor: the same code runs on a Cortex-M, in QEMU and a
//! thousand times over in the simulator. A board supplies the traits of [`platform`] and a [`publisher::Link`]; a
//! [`Device`] does the rest:
//!
//! ```text
//! BmsSource -> Measurement -> Estimator -+-> Reading -> Sampler -> frame -> Outbox -> Link
//!                             Alarms ----+              (closes)   (seal,    (kept until
//!                                                                   sign)     acknowledged)
//! ```
//!
//! # Terminology
//!
//! | word | meaning |
//! |---|---|
//! | measurement | what the battery-management chip sees at one time |
//! | reading | a measurement with what was estimated from it: what a frame carries |
//! | close | to make a frame of the readings that were collected |
//! | settle | to be told what became of a frame that was handed to the link |
//! | obey | to do what a signed command of the operator says, once |
//!
//! # What it promises, power loss included
//!
//! - A sequence is never used twice ([`sequence`]); gaps are allowed, at most 64 for each loss of power.
//! - A frame that [`Device::record`] reported as closed is published again and again until the broker has acknowledged it
//!   ([`outbox`]), unless it is telemetry and had to give way by the policy that was chosen ([`WhenFull`]).
//! - Energy and charge throughput that a frame reported never fall afterwards ([`estimator`]).
//! - A frame never overtakes another one by more than the ledger's window, so none is refused as too old for it.
//! - A command of its operator is obeyed once, and every reading after it says so ([`command`]).

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(test)]
extern crate std;

pub mod alarms;
mod checksum;
pub mod command;
pub mod device;
pub mod estimator;
pub mod identity;
pub mod jbd;
pub mod measurement;
pub mod outbox;
pub mod platform;
pub mod policy;
#[cfg(test)]
mod power_cut;
pub mod publisher;
pub mod sampler;
pub mod sequence;
pub mod twin;

pub use command::{Ignored, Outcome};
pub use device::{Closed, Device, DeviceError, Settings};
pub use identity::Identity;
pub use measurement::Measurement;
pub use outbox::WhenFull;
pub use platform::{BmsSource, Clock, NonVolatile, Record, SignerKey, SoftwareKey};
pub use policy::{Delivery, TopicName, Urgency};
pub use publisher::{Link, LinkEvent, NoRoom, Outgoing};
