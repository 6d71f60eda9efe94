//! The one language that firmware, bridge, pallets and gateway speak.
//!
//! Nothing here knows of FRAME, of a network or of an allocator: the same code runs on a Cortex-M, in the WASM runtime
//! and in servers. What needs more is behind a feature:
//!
//! | feature | adds | who turns it on |
//! |---|---|---|
//! | `scale` | SCALE codec and type information | pallets, clients |
//! | `frame-crypto` | sealing, opening, signing and verifying frames | firmware, bridge, gateway |
//! | `envelope` | HPKE envelopes for the keys of epochs | operators, data brokers, authorities |
//! | `content-address` | strict checking of CIDs | documents pallet, clients |
//! | `anchor` | batches of frames under one Merkle root, proofs and batch files | telemetry pallet, bridge, verifiers |

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(any(feature = "envelope", feature = "content-address", feature = "anchor"))]
extern crate alloc;

/// Implements what a value needs to stand in storage, in a call or in an event, when the feature `scale` is on.
macro_rules! on_chain {
	($($item:tt)*) => {
		#[cfg_attr(
			feature = "scale",
			derive(
				::codec::Encode,
				::codec::Decode,
				::codec::DecodeWithMemTracking,
				::codec::MaxEncodedLen,
				scale_info::TypeInfo
			)
		)]
		$($item)*
	};
}

pub mod battery;
#[cfg(feature = "content-address")]
pub mod content_address;
pub mod data_set;
#[cfg(feature = "envelope")]
pub mod envelope;
pub mod ledger;
pub mod life_cycle;
pub mod organisation;
pub mod pool;
pub mod telemetry;
pub mod topic;
