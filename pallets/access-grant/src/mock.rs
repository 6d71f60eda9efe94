//! A runtime with this pallet and doubles of its neighbours. The doubles keep their state in storage, so that a call that fails
//! must undo what it did to them, and `assert_noop!` sees it.

use crate as pallet_access_grant;
use crate::{weights::CountedWeight, GrantId, KeyEnvelope};
use frame_support::{assert_ok, derive_impl, parameter_types, storage_alias, Blake2_128Concat};
use frame_system::EnsureRoot;
use passport_primitives::{
	battery::{Category, DocumentHash, PassportId},
	data_set::{DataSet, DataSets, Purpose},
	ledger::{
		ActiveMember, AuthorityEnvelope, DelegatedRight, DelegatedRights, KeyEpochs, Membership,
		MembershipRefusal, PassportFacts, PassportRefusal, Passports, ENVELOPE_BYTES,
	},
	life_cycle::{Publication, Status},
	organisation::{OrganisationId, Role, Roles},
};
use sp_runtime::BuildStorage;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		AccessGrant: pallet_access_grant,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type DbWeight = frame_support::weights::constants::RocksDbWeight;
}

parameter_types! {
	/// Two pages and a piece of a third.
	pub const MaxGrantsPerPassport: u32 = 70;
	pub const MaxGrantBlocks: u64 = 100;
}

impl pallet_access_grant::Config for Test {
	type Members = TableOfMembers;
	type Passports = StoredPassports;
	type KeyEpochs = StoredEpochs;
	type CouncilOrigin = EnsureRoot<u64>;
	type MaxGrantsPerPassport = MaxGrantsPerPassport;
	type MaxGrantBlocks = MaxGrantBlocks;
	type WeightInfo = CountedWeight<Test>;
}

/// Accounts: account `n` acts for organisation `n`.
pub const MAKER: u64 = 1;
pub const BROKER: u64 = 2;
pub const AUTHORITY: u64 = 3;
pub const CARRIER: u64 = 4;
pub const RECYCLER: u64 = 5;
pub const SERVICE: u64 = 6;
/// Acts for the maker where the maker has delegated something to it.
pub const DELEGATE: u64 = 7;
pub const SUSPENDED: u64 = 8;
pub const ENDED: u64 = 9;
pub const NOTIFIED_BODY: u64 = 10;
/// The first of as many authorities more as tests need, numbered on to [`LAST_AUTHORITY`].
pub const FIRST_AUTHORITY: u64 = 11;
pub const LAST_AUTHORITY: u64 = 20;
pub const STRANGER: u64 = 99;

/// The organisation that an account acts for.
pub fn organisation(account: u64) -> OrganisationId {
	OrganisationId(account as u32)
}

#[storage_alias]
type SuspendedSince = StorageMap<Members, Blake2_128Concat, OrganisationId, ()>;

#[storage_alias]
type RolesTaken = StorageMap<Members, Blake2_128Concat, OrganisationId, ()>;

pub struct TableOfMembers;

impl TableOfMembers {
	pub fn suspend(account: u64) {
		SuspendedSince::insert(organisation(account), ());
	}

	pub fn reinstate(account: u64) {
		SuspendedSince::remove(organisation(account));
	}

	/// Leaves a member with a role that belongs to no audience but the public.
	pub fn take_roles(account: u64) {
		RolesTaken::insert(organisation(account), ());
	}

	fn look_up(organisation: OrganisationId) -> Result<ActiveMember, MembershipRefusal> {
		let role = match u64::from(organisation.0) {
			MAKER => Role::Manufacturer,
			BROKER => Role::DataBroker,
			AUTHORITY => Role::Authority,
			CARRIER => Role::Logistics,
			RECYCLER => Role::Recycler,
			SERVICE => Role::ServiceCentre,
			DELEGATE => Role::Distributor,
			NOTIFIED_BODY => Role::NotifiedBody,
			FIRST_AUTHORITY..=LAST_AUTHORITY => Role::Authority,
			SUSPENDED => return Err(MembershipRefusal::Suspended),
			ENDED => return Err(MembershipRefusal::Ended),
			_ => return Err(MembershipRefusal::NotAMember),
		};
		if SuspendedSince::contains_key(organisation) {
			return Err(MembershipRefusal::Suspended);
		}
		let role = if RolesTaken::contains_key(organisation) {
			Role::Logistics
		} else {
			role
		};
		Ok(ActiveMember {
			organisation,
			roles: Roles::of(&[role]),
		})
	}
}

impl Membership<u64> for TableOfMembers {
	fn active_member(account: &u64) -> Result<ActiveMember, MembershipRefusal> {
		Self::look_up(organisation(*account))
	}

	fn active_roles(organisation: OrganisationId) -> Option<Roles> {
		Self::look_up(organisation).ok().map(|member| member.roles)
	}

	fn is_member(organisation: OrganisationId) -> bool {
		Self::look_up(organisation) != Err(MembershipRefusal::NotAMember)
	}
}

/// The responsible operator of each passport.
#[storage_alias]
type Operators = StorageMap<Batteries, Blake2_128Concat, PassportId, OrganisationId>;

/// What was delegated under a passport.
#[storage_alias]
type Delegations = StorageDoubleMap<
	Batteries,
	Blake2_128Concat,
	PassportId,
	Blake2_128Concat,
	OrganisationId,
	DelegatedRights,
>;

/// The data sets that each passport has commitments to.
#[storage_alias]
type Committed = StorageMap<Batteries, Blake2_128Concat, PassportId, DataSets>;

pub struct StoredPassports;

impl StoredPassports {
	/// A passport with commitments to data sets 1 and 2.
	pub fn register(passport: PassportId, operator: u64) {
		Operators::insert(passport, organisation(operator));
		Self::commit(passport, MODEL.union(COMPOSITION));
	}

	pub fn commit(passport: PassportId, committed: DataSets) {
		Committed::insert(passport, committed);
	}

	pub fn close(passport: PassportId) {
		Operators::remove(passport);
	}

	pub fn delegate(passport: PassportId, to: u64, right: DelegatedRight) {
		Delegations::insert(passport, organisation(to), DelegatedRights::of(&[right]));
	}

	pub fn end_delegation(passport: PassportId, to: u64) {
		Delegations::remove(passport, organisation(to));
	}
}

impl Passports for StoredPassports {
	fn facts(passport: &PassportId) -> Option<PassportFacts> {
		let responsible_operator = Operators::get(passport)?;
		Some(PassportFacts {
			responsible_operator,
			owner: responsible_operator,
			operated_by: responsible_operator,
			category: Category::ElectricVehicle,
			status: Status::Original,
			publication: Publication::Active,
			committed: Committed::get(passport)?,
		})
	}

	fn may_act(passport: &PassportId, organisation: OrganisationId, right: DelegatedRight) -> bool {
		let Some(operator) = Operators::get(passport) else {
			return false;
		};
		organisation == operator
			|| (Delegations::get(passport, organisation).is_some_and(|rights| rights.contains(right))
				&& TableOfMembers::look_up(operator).is_ok())
	}

	fn set_owner(
		_: &PassportId,
		_: OrganisationId,
		_: Option<OrganisationId>,
	) -> Result<(), PassportRefusal> {
		Err(PassportRefusal::NotFound)
	}

	fn record_threshold_statement(
		_: &PassportId,
		_: bool,
		_: u16,
		_: DocumentHash,
	) -> Result<(), PassportRefusal> {
		Err(PassportRefusal::NotFound)
	}

	fn withdraw_threshold_statement(_: &PassportId) {}
}

/// The key epoch of each passport's device.
#[storage_alias]
type Epochs = StorageMap<Devices, Blake2_128Concat, PassportId, u32>;

pub struct StoredEpochs;

impl StoredEpochs {
	pub fn register(passport: PassportId) {
		Epochs::insert(passport, 0);
	}

	pub fn remove(passport: PassportId) {
		Epochs::remove(passport);
	}
}

impl KeyEpochs for StoredEpochs {
	fn current(passport: &PassportId) -> Option<u32> {
		Epochs::get(passport)
	}

	fn advance(passport: &PassportId) -> Option<u32> {
		let next = Epochs::get(passport)?.checked_add(1)?;
		Epochs::insert(passport, next);
		Some(next)
	}
}

/// A battery of the maker's, with a device.
pub const BATTERY: PassportId = PassportId([1; 32]);
/// A battery of the maker's, without a device.
pub const SILENT: PassportId = PassportId([2; 32]);
/// A battery of the recycler's, with a device.
pub const OTHER: PassportId = PassportId([3; 32]);
/// A passport that never was.
pub const NOWHERE: PassportId = PassportId([4; 32]);

/// Blocks that the tests' grants last.
pub const DURATION: u64 = 10;

pub const MODEL: DataSets = DataSets::of(&[DataSet::Model]);
pub const COMPOSITION: DataSets = DataSets::of(&[DataSet::Composition]);
pub const TEST_REPORTS: DataSets = DataSets::of(&[DataSet::TestReports]);
pub const INDIVIDUAL: DataSets = DataSets::of(&[DataSet::Individual]);

/// An envelope for an epoch's key that is told from others by `mark`.
pub fn envelope(key_epoch: u32, mark: u8) -> KeyEnvelope {
	KeyEnvelope {
		key_epoch,
		bytes: [mark; ENVELOPE_BYTES],
	}
}

/// An authority's envelope that is told from others by `mark`.
pub fn for_authority(authority: u64, data_set: DataSet, mark: u8) -> AuthorityEnvelope {
	AuthorityEnvelope {
		authority: organisation(authority),
		data_set,
		bytes: [mark; ENVELOPE_BYTES],
	}
}

/// The council names the authorities that envelopes are demanded for.
pub fn demand_for(authorities: &[u64]) {
	let authorities: Vec<_> = authorities.iter().map(|account| organisation(*account)).collect();
	assert_ok!(AccessGrant::set_demanding_authorities(
		RuntimeOrigin::root(),
		authorities.try_into().unwrap()
	));
}

/// The maker deposits envelopes under [`BATTERY`], for the epoch that lasts.
pub fn deposited(envelopes: &[AuthorityEnvelope]) {
	assert_ok!(AccessGrant::deposit_envelopes(
		RuntimeOrigin::signed(MAKER),
		BATTERY,
		StoredEpochs::current(&BATTERY).unwrap_or(0),
		envelopes.to_vec().try_into().unwrap()
	));
}

/// A purpose that the default table lets an account's organisation name.
pub fn purpose_of(account: u64) -> Purpose {
	if account == AUTHORITY || account == NOTIFIED_BODY {
		Purpose::Surveillance
	} else {
		Purpose::Valuation
	}
}

/// A request for access to [`BATTERY`]. The number that it gets.
pub fn requested(grantee: u64, data_sets: DataSets) -> GrantId {
	requested_for(BATTERY, grantee, data_sets)
}

/// A request for access. The number that it gets.
pub fn requested_for(passport: PassportId, grantee: u64, data_sets: DataSets) -> GrantId {
	let grant = pallet_access_grant::NextGrantId::<Test>::get();
	assert_ok!(AccessGrant::request(
		RuntimeOrigin::signed(grantee),
		passport,
		data_sets,
		purpose_of(grantee),
		DURATION
	));
	grant
}

/// A grant of access to [`BATTERY`], with an envelope if it needs one. Its number.
pub fn approved(grantee: u64, data_sets: DataSets) -> GrantId {
	approved_by(MAKER, grantee, data_sets)
}

/// A grant of access to [`BATTERY`] that `decider` gives. Its number.
pub fn approved_by(decider: u64, grantee: u64, data_sets: DataSets) -> GrantId {
	let grant = requested(grantee, data_sets);
	let envelope = data_sets
		.contains(DataSet::Individual)
		.then(|| envelope(StoredEpochs::current(&BATTERY).unwrap(), grantee as u8));
	assert_ok!(AccessGrant::approve(
		RuntimeOrigin::signed(decider),
		grant,
		envelope
	));
	grant
}

/// Whether a grant opens anything now.
pub fn is_open(grant: GrantId) -> bool {
	AccessGrant::grant(grant).is_some_and(|grant| AccessGrant::is_open(&grant, System::block_number()))
}

/// Moves on to the first block after the tests' grants have expired, approved in this block.
pub fn let_grants_expire() {
	System::set_block_number(System::block_number() + DURATION + 1);
}

/// Moves on to the first block after requests of this block have lapsed.
pub fn let_requests_lapse() {
	System::set_block_number(System::block_number() + MaxGrantBlocks::get() + 1);
}

/// The event that was emitted last.
pub fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

#[derive(Default)]
pub struct ExtBuilder;

impl ExtBuilder {
	/// Runs a test and checks the state that it leaves.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		let storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		sp_io::TestExternalities::new(storage).execute_with(|| {
			System::set_block_number(1);
			StoredPassports::register(BATTERY, MAKER);
			StoredPassports::register(SILENT, MAKER);
			StoredPassports::register(OTHER, RECYCLER);
			StoredEpochs::register(BATTERY);
			StoredEpochs::register(OTHER);
			test();
			AccessGrant::do_try_state().unwrap();
		});
	}
}
