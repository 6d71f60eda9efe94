//! A chain with this pallet alone, and a consortium that never changes unless a test suspends or removes one of its members.

use crate as pallet_passport;
use frame_support::{
	derive_impl, parameter_types,
	weights::{constants::RocksDbWeight, Weight},
};
use frame_system::EnsureRoot;
use passport_primitives::{
	battery::PassportId,
	data_set::{DataSet, DataSets},
	ledger::{
		ActiveMember, AuthorityEnvelope, AuthorityEnvelopes, EnvelopeRefusal, Membership, MembershipRefusal,
		OnPassportChanged, OnPassportClosed, PassportFacts, Passports as _,
	},
	life_cycle::{Publication, Status},
	organisation::{OrganisationId, Role, Roles},
};
use sp_runtime::{testing::TestSignature, traits::Convert, BuildStorage};
use std::collections::BTreeMap;

/// Account `n` acts for organisation `n`, `CLERK` for another's.
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
/// A second account of `MAKER`'s.
pub const CLERK: AccountId = 11;
/// A second recycler.
pub const OTHER_RECYCLER: AccountId = 12;
/// Has every role, and is suspended.
pub const SUSPENDED: AccountId = 20;
/// Has every role, and its membership has ended.
pub const ENDED: AccountId = 21;
/// Acts for nobody.
pub const STRANGER: AccountId = 99;

/// Everyone that may act.
pub const MEMBERS: [AccountId; 11] = [
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
	OTHER_RECYCLER,
];

/// The organisation that an account acts for.
pub fn organisation(account: AccountId) -> OrganisationId {
	let number = if account == CLERK { MAKER } else { account };
	OrganisationId(u32::try_from(number).unwrap())
}

/// An account that acts for an organisation.
pub fn account_of(organisation: OrganisationId) -> AccountId {
	organisation.0.into()
}

fn roles(organisation: OrganisationId) -> Option<Roles> {
	let role = match account_of(organisation) {
		MAKER | OTHER_MAKER => Role::Manufacturer,
		SECOND_LIFE => Role::SecondLifeOperator,
		RECYCLER | OTHER_RECYCLER => Role::Recycler,
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
		let organisation = organisation(*account);
		let member = account_of(organisation);
		let roles = roles(organisation)
			.filter(|_| !Removed::get().contains(&member))
			.ok_or(MembershipRefusal::NotAMember)?;
		if member == SUSPENDED || NewlySuspended::get().contains(&member) {
			return Err(MembershipRefusal::Suspended);
		}
		if member == ENDED {
			return Err(MembershipRefusal::Ended);
		}
		Ok(ActiveMember { organisation, roles })
	}

	fn active_roles(organisation: OrganisationId) -> Option<Roles> {
		Self::active_member(&account_of(organisation))
			.ok()
			.map(|member| member.roles)
	}

	fn is_member(organisation: OrganisationId) -> bool {
		Self::active_member(&account_of(organisation)) != Err(MembershipRefusal::NotAMember)
	}
}

/// Demands what the test says.
pub struct Envelopes;

impl AuthorityEnvelopes for Envelopes {
	fn deposit(
		passport: &PassportId,
		committed: DataSets,
		envelopes: &[AuthorityEnvelope],
	) -> Result<(), EnvelopeRefusal> {
		let facts = Passport::facts(passport).expect("the passport is stored before its envelopes");
		assert_eq!(facts.committed, committed);
		let demanded: Vec<_> = Demanded::get()
			.into_iter()
			.filter(|(_, data_set)| committed.contains(*data_set))
			.collect();
		let brought: Vec<_> = envelopes
			.iter()
			.map(|envelope| (envelope.authority, envelope.data_set))
			.collect();
		if brought.iter().any(|pair| !demanded.contains(pair)) {
			return Err(EnvelopeRefusal::NotDemanded);
		}
		if demanded.iter().any(|pair| !brought.contains(pair)) {
			return Err(EnvelopeRefusal::Missing);
		}
		Deposited::mutate(|deposited| deposited.push((*passport, envelopes.to_vec())));
		Ok(())
	}

	fn are_due(passport: &PassportId) -> bool {
		Due::get().contains(passport)
	}
}

parameter_types! {
	/// Members that the test has suspended.
	pub static NewlySuspended: Vec<AccountId> = Vec::new();
	/// Members that the test has removed.
	pub static Removed: Vec<AccountId> = Vec::new();
	/// For whom envelopes are demanded, and of which data sets.
	pub static Demanded: Vec<(OrganisationId, DataSet)> = Vec::new();
	/// What came with which passport.
	pub static Deposited: Vec<(PassportId, Vec<AuthorityEnvelope>)> = Vec::new();
	/// Passports under which an authority waits for an envelope.
	pub static Due: Vec<PassportId> = Vec::new();
	/// Passports with open business.
	pub static BusyPassports: Vec<PassportId> = Vec::new();
	/// What the listener was told.
	pub static ClosedPassports: Vec<PassportId> = Vec::new();
	/// What the listener was told last of each passport.
	pub static ChangedPassports: BTreeMap<PassportId, PassportFacts> = BTreeMap::new();
	/// The state of health that the council has set as the limit between a second life and recycling, in 0.01 %. Read from the
	/// storage at each use.
	pub static StateOfHealthThresholdBp: u16 = 7_000;
	pub const ListenersWeight: Weight = Weight::from_parts(7, 11);
	pub const DueWeight: Weight = Weight::from_parts(19, 23);
	pub const ChangedWeight: Weight = Weight::from_parts(29, 31);
	pub const MaxDelegationBlocks: u64 = 1_000;
	pub const StatementValidBlocks: u64 = 500;
}

/// So much for each authority, and something with none.
pub struct DepositWeight;

impl Convert<u32, Weight> for DepositWeight {
	fn convert(authorities: u32) -> Weight {
		Weight::from_parts(13, 17).saturating_mul(u64::from(authorities) + 1)
	}
}

/// What is kept under every live passport is less than there can be.
impl Convert<PassportId, Weight> for ListenersWeight {
	fn convert(passport: PassportId) -> Weight {
		if Passport::facts(&passport).is_some() {
			Weight::from_parts(3, 5)
		} else {
			Weight::zero()
		}
	}
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

impl OnPassportChanged for Listener {
	fn on_passport_changed(passport: &PassportId, facts: &PassportFacts) {
		assert_eq!(Passport::facts(passport).as_ref(), Some(facts));
		ChangedPassports::mutate(|told| told.insert(*passport, *facts));
	}
}

impl Listener {
	/// That it was told of everything that it keeps a copy of: a passport that it was told nothing of is as it was registered.
	fn assert_knows_every_passport() {
		for (passport, record) in pallet_passport::Passports::<Test>::iter() {
			let told = ChangedPassports::get()
				.get(&passport)
				.map(|facts| (facts.responsible_operator, facts.publication, facts.status));
			match told {
				Some(told) => assert_eq!(
					told,
					(record.responsible_operator, record.publication, record.status),
					"{passport}"
				),
				None => assert!(
					record.responsible_operator == record.manufacturer
						&& record.publication == Publication::Active
						&& record.status != Status::Waste,
					"nothing was said of {record:?}"
				),
			}
		}
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
	type DbWeight = RocksDbWeight;
}

impl pallet_passport::Config for Test {
	type Members = Members;
	type CouncilOrigin = EnsureRoot<AccountId>;
	type Envelopes = Envelopes;
	type DepositWeight = DepositWeight;
	type DueWeight = DueWeight;
	// Says who signed what, and no more: what is checked of a signature is the runtime's choice.
	type Signature = TestSignature;
	type MaxDelegationBlocks = MaxDelegationBlocks;
	type StateOfHealthThresholdBp = StateOfHealthThresholdBp;
	type StatementValidBlocks = StatementValidBlocks;
	type OnPassportClosed = Listener;
	type ClosingWeight = ListenersWeight;
	type OnPassportChanged = Listener;
	type ChangedWeight = ChangedWeight;
	type WeightInfo = pallet_passport::weights::CountedWeight<Test>;
}

pub struct ExtBuilder;

impl ExtBuilder {
	/// Runs a test in block 1 (block 0 keeps no events), and checks the invariants after it.
	pub fn build_and_execute(test: impl FnOnce()) {
		Self::build_and_break(|| {
			test();
			Passport::do_try_state().unwrap();
			Listener::assert_knows_every_passport();
		});
	}

	/// For tests that break an invariant on purpose.
	pub fn build_and_break(test: impl FnOnce()) {
		// Tests may share a thread.
		NewlySuspended::take();
		Removed::take();
		Demanded::take();
		Deposited::take();
		Due::take();
		BusyPassports::take();
		ClosedPassports::take();
		ChangedPassports::take();
		StateOfHealthThresholdBp::set(7_000);
		let storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		sp_io::TestExternalities::from(storage).execute_with(|| {
			System::set_block_number(1);
			test();
		});
	}
}
