//! The runtime: all pallets composed, their settings, the rules of the pool, the APIs and the genesis presets.
//!
//! How accounts, provider references and session keys hang together: an account can transact when it has a provider reference
//! (`CheckNonce`) and acts for an active member (`CheckMembership`). The organisations pallet gives both at once and takes both
//! at once. A validator's account holds session keys in `pallet-session`, which is a consumer reference: such an account can not
//! be unlinked before its keys are purged, so no validator can be left without a member behind it.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]
// The macros that make the runtime's entry points write unsafe code.
#![allow(unsafe_code)]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

// Before the module whose API its macros write.
#[cfg(feature = "runtime-benchmarks")]
#[macro_use]
mod benchmarks;

pub mod apis;
mod calls;
mod configs;
pub mod genesis;
mod no_token;
#[cfg(feature = "upgrade-test")]
mod upgrade_test;
pub mod weights;

use alloc::vec::Vec;
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use calls::ProxyType;
pub use configs::*;
pub use frame_system::Call as SystemCall;
pub use pallet_timestamp::Call as TimestampCall;

/// Signature of a transaction: sr25519, ed25519 or ECDSA.
pub type Signature = MultiSignature;
/// An account: the public key of a member's signer.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// Transactions that an account has sent.
pub type Nonce = u32;
/// Hash of blocks and state.
pub type Hash = sp_core::H256;
/// Number of a block: at one a second, 136 years.
pub type BlockNumber = u32;
/// Address in a transaction.
pub type Address = MultiAddress<AccountId, ()>;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// Milliseconds from a block to the next. One second: with known validators on good links GRANDPA follows at that pace.
pub const MILLISECONDS_PER_BLOCK: u64 = 1_000;

/// What is checked of a signed transaction, in this order. `CheckMembership` comes before `CheckNonce`, which refuses an account
/// without provider reference with a reason of its own that says nothing of membership. Every value is one that polkadot.js and
/// subxt know.
pub type TxExtension = (
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	pallet_organisations::CheckMembership<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// A transaction as it travels.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What an account signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Runs blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

sp_runtime::impl_opaque_keys! {
	/// Keys that a validator signs blocks and votes with.
	pub struct SessionKeys {
		/// Authoring.
		pub aura: Aura,
		/// Finality.
		pub grandpa: Grandpa,
	}
}

/// The version of this runtime. `spec_version` rises with every change of behaviour, `transaction_version` when the encoding of
/// a call changes.
#[cfg(not(feature = "upgrade-test"))]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: alloc::borrow::Cow::Borrowed("battery-passport"),
	impl_name: alloc::borrow::Cow::Borrowed("battery-passport"),
	authoring_version: 1,
	spec_version: 7,
	impl_version: 1,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 3,
	system_version: 1,
};

/// The version after this one, with a migration: what the test of an upgrade brings to a live network. The macro reads literals,
/// hence the whole of it.
#[cfg(feature = "upgrade-test")]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: alloc::borrow::Cow::Borrowed("battery-passport"),
	impl_name: alloc::borrow::Cow::Borrowed("battery-passport"),
	authoring_version: 1,
	spec_version: 8,
	impl_version: 1,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 3,
	system_version: 1,
};

/// What runs once in the first block of this version.
#[cfg(not(feature = "upgrade-test"))]
pub type Migrations = ();
/// What runs once in the first block of this version.
#[cfg(feature = "upgrade-test")]
pub type Migrations = upgrade_test::CountPassports;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Runtime>;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp::Pallet<Runtime>;

	// Members before validators: a genesis validator has to be a member's account.
	#[runtime::pallet_index(10)]
	pub type Organisations = pallet_organisations::Pallet<Runtime>;

	// Before the session pallet, by its index, which is the order of hooks: it judges a block by the set that its author was drawn
	// from, and the block that begins a session was drawn from the set before.
	#[runtime::pallet_index(11)]
	pub type Aura = pallet_aura::Pallet<Runtime>;
	#[runtime::pallet_index(12)]
	pub type Validators = pallet_validators::Pallet<Runtime>;
	#[runtime::pallet_index(13)]
	pub type Authorship = pallet_authorship::Pallet<Runtime>;
	#[runtime::pallet_index(14)]
	pub type Session = pallet_session::Pallet<Runtime>;
	#[runtime::pallet_index(16)]
	pub type Grandpa = pallet_grandpa::Pallet<Runtime>;

	#[runtime::pallet_index(17)]
	pub type Offences = pallet_offences::Pallet<Runtime>;
	#[runtime::pallet_index(18)]
	pub type Historical = pallet_session::historical::Pallet<Runtime>;

	#[runtime::pallet_index(20)]
	pub type Passport = pallet_passport::Pallet<Runtime>;
	#[runtime::pallet_index(21)]
	pub type OwnershipTransfer = pallet_ownership_transfer::Pallet<Runtime>;
	#[runtime::pallet_index(22)]
	pub type AccessGrant = pallet_access_grant::Pallet<Runtime>;
	#[runtime::pallet_index(23)]
	pub type Telemetry = pallet_telemetry::Pallet<Runtime>;
	#[runtime::pallet_index(24)]
	pub type Documents = pallet_documents::Pallet<Runtime>;

	#[runtime::pallet_index(30)]
	pub type Council = pallet_collective::Pallet<Runtime, Instance1>;
	#[runtime::pallet_index(31)]
	pub type CouncilMembership = pallet_membership::Pallet<Runtime, Instance1>;

	#[runtime::pallet_index(32)]
	pub type SafeMode = pallet_safe_mode::Pallet<Runtime>;
	#[runtime::pallet_index(33)]
	pub type TxPause = pallet_tx_pause::Pallet<Runtime>;

	#[runtime::pallet_index(40)]
	pub type Utility = pallet_utility::Pallet<Runtime>;
	#[runtime::pallet_index(41)]
	pub type Proxy = pallet_proxy::Pallet<Runtime>;
	#[runtime::pallet_index(42)]
	pub type Multisig = pallet_multisig::Pallet<Runtime>;

	// Root for developers: its key is set by the dev preset alone.
	#[runtime::pallet_index(50)]
	pub type Sudo = pallet_sudo::Pallet<Runtime>;
}
