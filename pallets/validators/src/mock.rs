//! A runtime with this pallet, the session pallet with historical sessions, GRANDPA, the offences pallet, and doubles of members
//! and of authoring. The doubles keep their state in storage.

use crate as pallet_validators;
use crate::{weights::CountedWeight, AccountSaysAll, NoCurrency, OffendersUpToAThird};
use codec::{Decode, Encode};
use frame_support::{
	assert_ok, derive_impl, parameter_types, storage_alias,
	traits::{BuildGenesisConfig, ConstU32, ConstU64, Hooks, OneSessionHandler},
	Blake2_128Concat,
};
use frame_system::EnsureRoot;
use pallet_session::{historical as pallet_session_historical, PeriodicSessions};
use passport_primitives::{
	ledger::{ActiveMember, Membership, MembershipRefusal},
	organisation::{OrganisationId, Role, Roles},
};
use sp_consensus_grandpa::{localized_payload, AuthorityPair, EquivocationProof, SetId};
use sp_core::{proof_of_possession::statement_of_ownership, Pair, H256};
use sp_runtime::{
	impl_opaque_keys,
	testing::{Header, TestXt, UintAuthorityId},
	BoundToRuntimeAppPublic, BuildStorage, RuntimeAppPublic,
};

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Validators: pallet_validators,
		Authorship: pallet_authorship,
		Session: pallet_session,
		Historical: pallet_session_historical,
		Grandpa: pallet_grandpa,
		Offences: pallet_offences,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type DbWeight = frame_support::weights::constants::RocksDbWeight;
}

impl<C> frame_system::offchain::CreateTransactionBase<C> for Test
where
	RuntimeCall: From<C>,
{
	type Extrinsic = TestXt<RuntimeCall, ()>;
	type RuntimeCall = RuntimeCall;
}

impl<C> frame_system::offchain::CreateBare<C> for Test
where
	RuntimeCall: From<C>,
{
	fn create_bare(call: RuntimeCall) -> TestXt<RuntimeCall, ()> {
		TestXt::new_bare(call)
	}
}

impl_opaque_keys! {
	pub struct SessionKeys {
		pub authoring: Authoring,
		pub grandpa: Grandpa,
	}
}

/// Blocks of a session.
pub const SESSION: u64 = 5;

/// Sessions after which an equivocation can no longer be proved.
pub const EVIDENCE_SESSIONS: u32 = 4;

parameter_types! {
	/// Zero, as in the runtime. A test sets it.
	pub storage KeyDeposit: u128 = 0;
	pub const MaxValidators: u32 = 11;
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = u64;
	type ValidatorIdOf = sp_runtime::traits::ConvertInto;
	type ShouldEndSession = Validators;
	type NextSessionRotation = PeriodicSessions<ConstU64<SESSION>, ConstU64<0>>;
	type SessionManager = pallet_session_historical::NoteHistoricalRoot<Test, Validators>;
	type SessionHandler = (Authoring, Grandpa);
	type Keys = SessionKeys;
	type DisablingStrategy = OffendersUpToAThird;
	type WeightInfo = ();
	type Currency = NoCurrency<u64>;
	type KeyDeposit = KeyDeposit;
}

impl pallet_session_historical::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = AccountSaysAll;
}

impl pallet_authorship::Config for Test {
	type FindAuthor = ();
	type EventHandler = ();
}

impl pallet_offences::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = pallet_session_historical::IdentificationTuple<Test>;
	type OnOffenceHandler = Validators;
}

impl pallet_grandpa::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type MaxAuthorities = MaxValidators;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<{ EVIDENCE_SESSIONS as u64 }>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem = pallet_grandpa::EquivocationReportSystem<
		Test,
		Offences,
		Historical,
		ConstU64<{ SESSION * EVIDENCE_SESSIONS as u64 }>,
	>;
}

impl pallet_validators::Config for Test {
	type CouncilOrigin = EnsureRoot<u64>;
	type Members = TableOfMembers;
	type MaxValidators = MaxValidators;
	type Sessions = PeriodicSessions<ConstU64<SESSION>, ConstU64<0>>;
	type EvidenceSessions = ConstU32<EVIDENCE_SESSIONS>;
	type WeightInfo = CountedWeight<Test>;
}

#[storage_alias]
type Authorities = StorageValue<AuthoringOf, Vec<u64>, frame_support::pallet_prelude::ValueQuery>;

#[storage_alias]
type AuthorityChanges = StorageValue<AuthoringOf, u32, frame_support::pallet_prelude::ValueQuery>;

/// Stands for Aura: is told which keys take part.
pub struct Authoring;

impl Authoring {
	/// The keys that take part now.
	pub fn authorities() -> Vec<u64> {
		Authorities::get()
	}

	/// How often the set was handed over as changed.
	pub fn changes() -> u32 {
		AuthorityChanges::get()
	}

	fn take<'a>(validators: impl Iterator<Item = (&'a u64, UintAuthorityId)>) {
		Authorities::put(validators.map(|(_, key)| key.0).collect::<Vec<_>>());
	}
}

impl BoundToRuntimeAppPublic for Authoring {
	type Public = UintAuthorityId;
}

impl OneSessionHandler<u64> for Authoring {
	type Key = UintAuthorityId;

	fn on_genesis_session<'a, I>(validators: I)
	where
		I: Iterator<Item = (&'a u64, UintAuthorityId)> + 'a,
	{
		Self::take(validators);
	}

	fn on_new_session<'a, I>(changed: bool, validators: I, _: I)
	where
		I: Iterator<Item = (&'a u64, UintAuthorityId)> + 'a,
	{
		if changed {
			AuthorityChanges::mutate(|changes| *changes += 1);
		}
		Self::take(validators);
	}

	fn on_disabled(_: u32) {}
}

/// Accounts: account `n` acts for organisation `n`, and so does account `n + 20`. 1 to 12 are members, each of another trade.
pub const SUSPENDED: u64 = 41;
pub const ENDED: u64 = 42;
pub const STRANGER: u64 = 99;

/// Another account of the same organisation.
pub const fn second_account_of(account: u64) -> u64 {
	account + 20
}

#[storage_alias]
type SuspendedSince = StorageMap<Members, Blake2_128Concat, u64, ()>;

#[storage_alias]
type EndedSince = StorageMap<Members, Blake2_128Concat, u64, ()>;

#[storage_alias]
type RolesOf = StorageMap<Members, Blake2_128Concat, u64, Roles>;

pub struct TableOfMembers;

impl TableOfMembers {
	pub fn suspend(organisation: u64) {
		SuspendedSince::insert(organisation, ());
	}

	pub fn reinstate(organisation: u64) {
		SuspendedSince::remove(organisation);
	}

	pub fn end(organisation: u64) {
		EndedSince::insert(organisation, ());
	}

	pub fn extend(organisation: u64) {
		EndedSince::remove(organisation);
	}

	pub fn set_roles(organisation: u64, roles: &[Role]) {
		RolesOf::insert(organisation, Roles::of(roles));
	}
}

impl Membership<u64> for TableOfMembers {
	fn active_member(account: &u64) -> Result<ActiveMember, MembershipRefusal> {
		let organisation = match *account {
			first @ (1..=12 | SUSPENDED | ENDED) => first,
			second @ 21..=32 => second - 20,
			_ => return Err(MembershipRefusal::NotAMember),
		};
		if organisation == SUSPENDED || SuspendedSince::contains_key(organisation) {
			return Err(MembershipRefusal::Suspended);
		}
		if organisation == ENDED || EndedSince::contains_key(organisation) {
			return Err(MembershipRefusal::Ended);
		}
		let roles =
			RolesOf::get(organisation).unwrap_or_else(|| Roles::of(&[Role::ALL[organisation as usize - 1]]));
		Ok(ActiveMember {
			organisation: OrganisationId(organisation as u32),
			roles,
		})
	}

	fn active_roles(organisation: OrganisationId) -> Option<Roles> {
		Self::active_member(&u64::from(organisation.0))
			.ok()
			.map(|member| member.roles)
	}

	fn is_member(organisation: OrganisationId) -> bool {
		Self::active_member(&u64::from(organisation.0)) != Err(MembershipRefusal::NotAMember)
	}
}

/// The node's key of a validator: another number than the account's.
pub const fn key_of(account: u64) -> u64 {
	account + 100
}

/// The GRANDPA key of this number.
pub fn grandpa_key(key: u64) -> AuthorityPair {
	let mut seed = [0; 32];
	seed[..8].copy_from_slice(&key.to_le_bytes());
	AuthorityPair::from_seed(&seed)
}

/// Session keys with this number, and the proof that the account has them.
pub fn session_keys(account: u64, key: u64) -> (SessionKeys, Vec<u8>) {
	let authoring = UintAuthorityId(key);
	let grandpa = grandpa_key(key);
	let owner = account.encode();
	let proof = (
		authoring.sign(&owner).unwrap(),
		grandpa.sign(&statement_of_ownership(&owner)),
	);
	(
		SessionKeys {
			authoring,
			grandpa: grandpa.public(),
		},
		proof.encode(),
	)
}

/// Sets the session keys of an account.
pub fn set_keys(account: u64) {
	let (keys, proof) = session_keys(account, key_of(account));
	assert_ok!(Session::set_keys(RuntimeOrigin::signed(account), keys, proof));
}

/// Two votes of one key for two blocks in one round of one set.
pub fn equivocation(key: u64, set_id: SetId, round: u64) -> EquivocationProof<H256, u64> {
	two_votes(key, set_id, round, H256::repeat_byte(1), H256::repeat_byte(2))
}

/// Two votes of one key in one round of one set, as they come over the wire.
pub fn two_votes(
	key: u64,
	set_id: SetId,
	round: u64,
	first: H256,
	second: H256,
) -> EquivocationProof<H256, u64> {
	type Vote = sp_consensus_grandpa::Prevote<Header>;
	type Message = sp_consensus_grandpa::Message<Header>;
	const PREVOTE: u8 = 0;
	let pair = grandpa_key(key);
	let signed = |target_hash| {
		let vote = Vote {
			target_hash,
			target_number: 10,
		};
		let payload = localized_payload(round, set_id, &Message::Prevote(vote.clone()));
		(vote, pair.sign(&payload))
	};
	let wire = (
		set_id,
		PREVOTE,
		round,
		pair.public(),
		signed(first),
		signed(second),
	)
		.encode();
	EquivocationProof::decode(&mut &wire[..]).unwrap()
}

/// Runs one block.
pub fn run_block() {
	let block = System::block_number() + 1;
	System::set_block_number(block);
	Session::on_initialize(block);
	Grandpa::on_finalize(block);
}

/// Runs blocks until the next session has begun.
pub fn next_session() {
	let session = Session::current_index();
	while Session::current_index() == session {
		run_block();
	}
}

/// Who takes part now: the session pallet's accounts, which authoring agrees with.
pub fn taking_part() -> Vec<u64> {
	let validators = Session::validators();
	assert_eq!(
		Authoring::authorities(),
		validators.iter().copied().map(key_of).collect::<Vec<_>>()
	);
	validators
}

/// GRANDPA's authorities when these accounts take part.
pub fn grandpa_authorities_of(accounts: &[u64]) -> sp_consensus_grandpa::AuthorityList {
	accounts
		.iter()
		.map(|account| (grandpa_key(key_of(*account)).public(), 1))
		.collect()
}

/// The event that was emitted last.
pub fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

pub struct ExtBuilder {
	validators: Vec<u64>,
	with_keys: Option<Vec<u64>>,
	minimum: u32,
}

impl Default for ExtBuilder {
	/// Five validators, one more than the minimum.
	fn default() -> Self {
		Self {
			validators: vec![1, 2, 3, 4, 5],
			with_keys: None,
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

	/// With session keys of these accounts at genesis, instead of the validators.
	pub fn with_keys(mut self, accounts: &[u64]) -> Self {
		self.with_keys = Some(accounts.to_vec());
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
			for account in (1..=12).chain(21..=32).chain([SUSPENDED, ENDED]) {
				System::inc_providers(&account);
			}
			pallet_validators::GenesisConfig::<Test> {
				validators: self.validators.clone(),
				minimum_validators: self.minimum,
			}
			.build();
			pallet_session::GenesisConfig::<Test> {
				keys: self
					.with_keys
					.unwrap_or(self.validators)
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
