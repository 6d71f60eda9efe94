//! A runtime with this pallet, the session pallet, and doubles of members and consensus. The doubles keep their state in
//! storage.

use crate as pallet_validators;
use crate::{weights::CountedWeight, NoCurrency};
use codec::Encode;
use frame_support::{
	assert_ok, derive_impl, parameter_types, storage_alias,
	traits::{BuildGenesisConfig, ConstU64, Hooks},
	Blake2_128Concat,
};
use frame_system::EnsureRoot;
use pallet_session::{disabling::UpToLimitDisablingStrategy, PeriodicSessions, SessionHandler};
use passport_primitives::{
	ledger::{ActiveMember, Membership, MembershipRefusal},
	organisation::{OrganisationId, Role, Roles},
};
use sp_runtime::{
	impl_opaque_keys, key_types::DUMMY, testing::UintAuthorityId, traits::OpaqueKeys, BuildStorage,
	KeyTypeId, RuntimeAppPublic,
};

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Validators: pallet_validators,
		Session: pallet_session,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type DbWeight = frame_support::weights::constants::RocksDbWeight;
}

impl_opaque_keys! {
	pub struct SessionKeys {
		pub dummy: UintAuthorityId,
	}
}

/// Blocks of a session.
pub const SESSION: u64 = 5;

parameter_types! {
	/// Zero, as in the runtime. A test sets it.
	pub storage KeyDeposit: u128 = 0;
	pub const MaxValidators: u32 = 6;
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = u64;
	type ValidatorIdOf = sp_runtime::traits::ConvertInto;
	type ShouldEndSession = PeriodicSessions<ConstU64<SESSION>, ConstU64<0>>;
	type NextSessionRotation = PeriodicSessions<ConstU64<SESSION>, ConstU64<0>>;
	type SessionManager = Validators;
	type SessionHandler = Consensus;
	type Keys = SessionKeys;
	type DisablingStrategy = UpToLimitDisablingStrategy;
	type WeightInfo = ();
	type Currency = NoCurrency<u64>;
	type KeyDeposit = KeyDeposit;
}

impl pallet_validators::Config for Test {
	type CouncilOrigin = EnsureRoot<u64>;
	type Members = TableOfMembers;
	type MaxValidators = MaxValidators;
	type WeightInfo = CountedWeight<Test>;
}

#[storage_alias]
type Authorities = StorageValue<ConsensusOf, Vec<u64>, frame_support::pallet_prelude::ValueQuery>;

#[storage_alias]
type AuthorityChanges = StorageValue<ConsensusOf, u32, frame_support::pallet_prelude::ValueQuery>;

/// Stands for Aura and GRANDPA: is told which keys take part.
pub struct Consensus;

impl Consensus {
	/// The keys that take part now.
	pub fn authorities() -> Vec<u64> {
		Authorities::get()
	}

	/// How often the set was handed over as changed.
	pub fn changes() -> u32 {
		AuthorityChanges::get()
	}

	fn take<Keys: OpaqueKeys>(validators: &[(u64, Keys)]) {
		Authorities::put(
			validators
				.iter()
				.filter_map(|(_, keys)| keys.get::<UintAuthorityId>(DUMMY))
				.map(|key| key.0)
				.collect::<Vec<_>>(),
		);
	}
}

impl SessionHandler<u64> for Consensus {
	const KEY_TYPE_IDS: &'static [KeyTypeId] = &[DUMMY];

	fn on_genesis_session<Keys: OpaqueKeys>(validators: &[(u64, Keys)]) {
		Self::take(validators);
	}

	fn on_new_session<Keys: OpaqueKeys>(changed: bool, validators: &[(u64, Keys)], _: &[(u64, Keys)]) {
		if changed {
			AuthorityChanges::mutate(|changes| *changes += 1);
		}
		Self::take(validators);
	}

	fn on_disabled(_: u32) {}
}

/// Accounts: account `n` acts for organisation `n`. 1 to 7 are members.
pub const SUSPENDED: u64 = 8;
pub const ENDED: u64 = 9;
pub const STRANGER: u64 = 99;

#[storage_alias]
type SuspendedSince = StorageMap<Members, Blake2_128Concat, u64, ()>;

pub struct TableOfMembers;

impl TableOfMembers {
	pub fn suspend(account: u64) {
		SuspendedSince::insert(account, ());
	}
}

impl Membership<u64> for TableOfMembers {
	fn active_member(account: &u64) -> Result<ActiveMember, MembershipRefusal> {
		match *account {
			suspended if suspended == SUSPENDED || SuspendedSince::contains_key(suspended) => {
				Err(MembershipRefusal::Suspended)
			}
			ENDED => Err(MembershipRefusal::Ended),
			member @ 1..=7 => Ok(ActiveMember {
				organisation: OrganisationId(member as u32),
				roles: Roles::of(&[Role::Manufacturer]),
			}),
			_ => Err(MembershipRefusal::NotAMember),
		}
	}

	fn active_roles(organisation: OrganisationId) -> Option<Roles> {
		Self::active_member(&u64::from(organisation.0))
			.ok()
			.map(|member| member.roles)
	}
}

/// The node's key of a validator: another number than the account's.
pub const fn key_of(account: u64) -> u64 {
	account + 100
}

/// Session keys with this number, and the proof that the account has them.
pub fn session_keys(account: u64, key: u64) -> (SessionKeys, Vec<u8>) {
	let dummy = UintAuthorityId(key);
	let proof = dummy.sign(&account.encode()).unwrap().encode();
	(SessionKeys { dummy }, proof)
}

/// Sets the session keys of an account.
pub fn set_keys(account: u64) {
	let (keys, proof) = session_keys(account, key_of(account));
	assert_ok!(Session::set_keys(RuntimeOrigin::signed(account), keys, proof));
}

/// Runs blocks until the next session has begun.
pub fn next_session() {
	let session = Session::current_index();
	while Session::current_index() == session {
		let block = System::block_number() + 1;
		System::set_block_number(block);
		Session::on_initialize(block);
	}
}

/// Who takes part now: the session pallet's accounts, which consensus agrees with.
pub fn taking_part() -> Vec<u64> {
	let validators = Session::validators();
	assert_eq!(
		Consensus::authorities(),
		validators.iter().copied().map(key_of).collect::<Vec<_>>()
	);
	validators
}

/// The event that was emitted last.
pub fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

pub struct ExtBuilder {
	validators: Vec<u64>,
	minimum: u32,
}

impl Default for ExtBuilder {
	/// Five validators, one more than the minimum.
	fn default() -> Self {
		Self {
			validators: vec![1, 2, 3, 4, 5],
			minimum: 4,
		}
	}
}

impl ExtBuilder {
	/// With these validators.
	pub fn validators(mut self, validators: &[u64]) -> Self {
		self.validators = validators.to_vec();
		self
	}

	/// With this minimum.
	pub fn minimum(mut self, minimum: u32) -> Self {
		self.minimum = minimum;
		self
	}

	/// Runs a test and checks the state that it leaves.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		let storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		sp_io::TestExternalities::new(storage).execute_with(|| {
			// What the organisations pallet does for each account of a member. It stands before the session pallet in the
			// runtime, so its genesis comes first, too.
			for account in (1..=7).chain([SUSPENDED, ENDED]) {
				System::inc_providers(&account);
			}
			pallet_validators::GenesisConfig::<Test> {
				validators: self.validators.clone(),
				minimum_validators: self.minimum,
			}
			.build();
			pallet_session::GenesisConfig::<Test> {
				keys: self
					.validators
					.iter()
					.map(|account| (*account, *account, session_keys(*account, key_of(*account)).0))
					.collect(),
				non_authority_keys: Vec::new(),
			}
			.build();
			System::set_block_number(1);
			test();
			Validators::do_try_state().unwrap();
		});
	}
}
