//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights, and the price of a
//! signature.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use passport_primitives::organisation::MAX_ACCOUNTS_PER_ORGANISATION;

/// Weights of the calls.
pub trait WeightInfo {
	/// Worst case: 16 accounts.
	fn admit() -> Weight;
	/// `set_roles`, `set_expiry`, `suspend`, `reinstate`, `set_hpke_key`. What listens to a member that was stopped comes on top,
	/// and the seats that it loses.
	fn change_organisation() -> Weight;
	/// Worst case: 16 accounts. What listens to a member that was stopped comes on top, and the seats that it loses.
	fn remove() -> Weight;
	/// Worst case: the proof is wrapped as wallets do, so two signatures are checked.
	fn link_account() -> Weight;
	/// No signature.
	fn link_account_by_council() -> Weight;
	/// One account.
	fn unlink_account() -> Weight;
	/// One value.
	fn set_quota() -> Weight;
	/// One value of the system pallet.
	fn authorize_upgrade() -> Weight;
	/// The transaction extension, for a transaction of this many calls, wrappers counted (1 to 101), that are made for this
	/// many accounts beside the sender (0 to 101).
	fn check_membership(calls: u32, accounts: u32) -> Weight;
}

/// Decoding, checks and the event.
const BASE: Weight = Weight::from_parts(15_000_000, 0);

/// One signature, in picoseconds: what the telemetry pallet measured for Ed25519 with a margin, and above the SDK's 43 µs for
/// sr25519 and ECDSA.
const SIGNATURE_PICOSECONDS: u64 = 70_000_000;

/// Classifying a call, in picoseconds: a match, a small vector and, for a multisig, sorting and hashing 16 accounts.
const CLASSIFYING_PICOSECONDS: u64 = 2_000_000;

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn admit() -> Weight {
		// The next number and the organisation; for each account its organisation and the system's record, and whether it was
		// retired.
		let accounts = u64::from(MAX_ACCOUNTS_PER_ORGANISATION);
		BASE.saturating_add(T::DbWeight::get().reads_writes(2 + 3 * accounts, 2 + 2 * accounts))
	}

	fn change_organisation() -> Weight {
		// The caller's organisation number, then the organisation.
		BASE.saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	fn remove() -> Weight {
		// Read: the organisation and each account's system record. Written: the organisation, its quota, what it has used; for
		// each account its organisation, the system's record and that it was retired.
		let accounts = u64::from(MAX_ACCOUNTS_PER_ORGANISATION);
		BASE.saturating_add(T::DbWeight::get().reads_writes(1 + accounts, 3 + 3 * accounts))
	}

	fn link_account() -> Weight {
		// Read: the caller's organisation number and the genesis hash, beside what the council's way reads.
		Self::link_account_by_council()
			.saturating_add(Weight::from_parts(2 * SIGNATURE_PICOSECONDS, 0))
			.saturating_add(T::DbWeight::get().reads(2))
	}

	fn link_account_by_council() -> Weight {
		// Read: the organisation; whether the account was retired, its organisation, its system record. Written: all but the
		// second.
		BASE.saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}

	fn unlink_account() -> Weight {
		// Read: the caller's organisation number, the organisation, the council's seats, the account's system record. Written: the
		// organisation, the account's number and system record, that it was retired.
		BASE.saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}

	fn set_quota() -> Weight {
		// The organisation, the quota.
		BASE.saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	fn authorize_upgrade() -> Weight {
		BASE.saturating_add(T::DbWeight::get().writes(1))
	}

	fn check_membership(calls: u32, accounts: u32) -> Weight {
		// Once: the sender's number and organisation, its quota and what it has used, the council's seats, whether safe-mode is
		// on. For each call: whether it is paused. For each further account: its number and organisation. Written: what the
		// organisation has used.
		let (calls, accounts) = (u64::from(calls), u64::from(accounts));
		Weight::from_parts(CLASSIFYING_PICOSECONDS.saturating_mul(calls), 0)
			.saturating_add(T::DbWeight::get().reads_writes(6 + calls + 2 * accounts, 1))
	}
}

impl WeightInfo for () {
	fn admit() -> Weight {
		BASE
	}
	fn change_organisation() -> Weight {
		BASE
	}
	fn remove() -> Weight {
		BASE
	}
	fn link_account() -> Weight {
		BASE
	}
	fn link_account_by_council() -> Weight {
		BASE
	}
	fn unlink_account() -> Weight {
		BASE
	}
	fn set_quota() -> Weight {
		BASE
	}
	fn authorize_upgrade() -> Weight {
		BASE
	}
	fn check_membership(_: u32, _: u32) -> Weight {
		BASE
	}
}
