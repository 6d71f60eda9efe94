//! A chain with this pallet alone, and a consortium that never changes unless a test suspends one of its members.

use crate as pallet_passport;
use frame_support::{derive_impl, parameter_types, weights::Weight};
use frame_system::EnsureRoot;
use passport_primitives::{
	battery::PassportId,
	ledger::{ActiveMember, Membership, MembershipRefusal, OnPassportClosed},
	organisation::{OrganisationId, Role, Roles},
};
use sp_runtime::BuildStorage;

/// Account `n` acts for organisation `n`.
pub type AccountId = u64;

pub const MAKER: AccountId = 1;
pub const OTHER_MAKER: AccountId = 2;
pub const SECOND_LIFE: AccountId = 3;
pub const RECYCLER: AccountId = 4;
pub const FLEET: AccountId = 5;
pub const QUALITY: AccountId = 6;
pub const NOTIFIED_BODY: AccountId = 7;
pub const CARRIER: AccountId = 8;
pub const WORKSHOP: AccountId = 9;
pub const AUTHORITY: AccountId = 10;
/// Has every role, and is suspended.
pub const SUSPENDED: AccountId = 20;
/// Has every role, and its membership has ended.
pub const ENDED: AccountId = 21;
/// Acts for nobody.
pub const STRANGER: AccountId = 99;

/// Everyone that may act.
pub const MEMBERS: [AccountId; 10] = [
	MAKER,
	OTHER_MAKER,
	SECOND_LIFE,
	RECYCLER,
	FLEET,
	QUALITY,
	NOTIFIED_BODY,
	CARRIER,
	WORKSHOP,
	AUTHORITY,
];

pub fn organisation(account: AccountId) -> OrganisationId {
	OrganisationId(u32::try_from(account).unwrap())
}

fn roles(account: AccountId) -> Option<Roles> {
	let role = match account {
		MAKER | OTHER_MAKER => Role::Manufacturer,
		SECOND_LIFE => Role::SecondLifeOperator,
		RECYCLER => Role::Recycler,
		FLEET => Role::Operator,
		QUALITY => Role::QualityAssurer,
		NOTIFIED_BODY => Role::NotifiedBody,
		CARRIER => Role::Logistics,
		WORKSHOP => Role::ServiceCentre,
		AUTHORITY => Role::Authority,
		SUSPENDED | ENDED => return Some(Roles::ANY),
		_ => return None,
	};
	Some(Roles::of(&[role]))
}

pub struct Members;

impl Membership<AccountId> for Members {
	fn active_member(account: &AccountId) -> Result<ActiveMember, MembershipRefusal> {
		let roles = roles(*account).ok_or(MembershipRefusal::NotAMember)?;
		if *account == SUSPENDED || NewlySuspended::get().contains(account) {
			return Err(MembershipRefusal::Suspended);
		}
		if *account == ENDED {
			return Err(MembershipRefusal::Ended);
		}
		Ok(ActiveMember {
			organisation: organisation(*account),
			roles,
		})
	}

	fn active_roles(organisation: OrganisationId) -> Option<Roles> {
		Self::active_member(&organisation.0.into())
			.ok()
			.map(|member| member.roles)
	}
}

parameter_types! {
	/// Members that the test has suspended.
	pub static NewlySuspended: Vec<AccountId> = Vec::new();
	/// Passports with open business.
	pub static BusyPassports: Vec<PassportId> = Vec::new();
	/// What the listener was told.
	pub static ClosedPassports: Vec<PassportId> = Vec::new();
	pub const ListenersWeight: Weight = Weight::from_parts(7, 11);
}

pub struct Listener;

impl OnPassportClosed for Listener {
	fn on_passport_closed(passport: &PassportId) {
		ClosedPassports::mutate(|closed| closed.push(*passport));
	}

	fn may_close(passport: &PassportId) -> bool {
		!BusyPassports::get().contains(passport)
	}
}

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
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;

	#[runtime::pallet_index(20)]
	pub type Passport = pallet_passport;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

impl pallet_passport::Config for Test {
	type Members = Members;
	type CouncilOrigin = EnsureRoot<AccountId>;
	type OnPassportClosed = Listener;
	type ClosingWeight = ListenersWeight;
	type WeightInfo = pallet_passport::weights::CountedWeight<Test>;
}

pub struct ExtBuilder;

impl ExtBuilder {
	/// Runs a test in block 1 (block 0 keeps no events), and checks the invariants after it.
	pub fn build_and_execute(test: impl FnOnce()) {
		Self::build_and_break(|| {
			test();
			Passport::do_try_state().unwrap();
		});
	}

	/// For tests that break an invariant on purpose.
	pub fn build_and_break(test: impl FnOnce()) {
		// Tests may share a thread.
		NewlySuspended::take();
		BusyPassports::take();
		ClosedPassports::take();
		let storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		sp_io::TestExternalities::from(storage).execute_with(|| {
			System::set_block_number(1);
			test();
		});
	}
}
