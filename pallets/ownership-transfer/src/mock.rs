//! A runtime with this pallet and doubles of its neighbours. The doubles keep their state in storage, so that a call that fails
//! must undo what it did to them, and `assert_noop!` sees it.

use crate as pallet_ownership_transfer;
use crate::{weights::CountedWeight, TransferId, TransferKind};
use frame_support::{
	derive_impl, dispatch::DispatchResultWithPostInfo, parameter_types, storage_alias, Blake2_128Concat,
	BoundedVec,
};
use passport_primitives::{
	battery::{Category, DocumentHash, PassportId},
	data_set::{DataSet, DataSets},
	ledger::{
		ActiveMember, DelegatedRight, Membership, MembershipRefusal, OnPassportClosed, PassportFacts,
		PassportRefusal, Passports,
	},
	life_cycle::{Publication, Status},
	organisation::{OrganisationId, Role, Roles},
};
use sp_runtime::BuildStorage;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		OwnershipTransfer: pallet_ownership_transfer,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type DbWeight = frame_support::weights::constants::RocksDbWeight;
}

parameter_types! {
	pub const MaxPassportsPerTransfer: u32 = 32;
	pub const MaxOpenBlocks: u64 = 100;
}

impl pallet_ownership_transfer::Config for Test {
	type Members = TableOfMembers;
	type Passports = StoredPassports;
	type MaxPassportsPerTransfer = MaxPassportsPerTransfer;
	type MaxOpenBlocks = MaxOpenBlocks;
	type WeightInfo = CountedWeight<Test>;
}

/// Accounts: account `n` acts for organisation `n`.
pub const MAKER: u64 = 1;
pub const DEALER: u64 = 2;
pub const FLEET: u64 = 3;
pub const RECYCLER: u64 = 4;
pub const SUSPENDED: u64 = 8;
pub const ENDED: u64 = 9;
pub const STRANGER: u64 = 99;

/// The organisation that an account acts for.
pub fn organisation(account: u64) -> OrganisationId {
	OrganisationId(account as u32)
}

#[storage_alias]
type SuspendedSince = StorageMap<Members, Blake2_128Concat, OrganisationId, ()>;

pub struct TableOfMembers;

impl TableOfMembers {
	pub fn suspend(account: u64) {
		SuspendedSince::insert(organisation(account), ());
	}

	pub fn reinstate(account: u64) {
		SuspendedSince::remove(organisation(account));
	}

	fn look_up(organisation: OrganisationId) -> Result<ActiveMember, MembershipRefusal> {
		let role = match u64::from(organisation.0) {
			MAKER => Role::Manufacturer,
			DEALER => Role::Distributor,
			FLEET => Role::Operator,
			RECYCLER => Role::Recycler,
			SUSPENDED => return Err(MembershipRefusal::Suspended),
			ENDED => return Err(MembershipRefusal::Ended),
			_ => return Err(MembershipRefusal::NotAMember),
		};
		if SuspendedSince::contains_key(organisation) {
			return Err(MembershipRefusal::Suspended);
		}
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

/// Owner, operator and publication state of each passport.
#[storage_alias]
type Records =
	StorageMap<Batteries, Blake2_128Concat, PassportId, (OrganisationId, OrganisationId, Publication)>;

/// Passports whose history takes no more entries.
#[storage_alias]
type FullHistories = StorageMap<Batteries, Blake2_128Concat, PassportId, ()>;

pub struct StoredPassports;

impl StoredPassports {
	/// Gives the battery to an owner that operates it.
	pub fn register(passport: PassportId, owner: u64) {
		Records::insert(
			passport,
			(organisation(owner), organisation(owner), Publication::Active),
		);
	}

	pub fn supersede(passport: PassportId) {
		Records::mutate(passport, |record| {
			if let Some((_, _, publication)) = record {
				*publication = Publication::Superseded;
			}
		});
	}

	pub fn fill_history(passport: PassportId) {
		FullHistories::insert(passport, ());
	}

	/// The passport is gone, and nobody was told.
	pub fn remove(passport: PassportId) {
		Records::remove(passport);
	}

	/// What the passport pallet does when it closes a passport.
	pub fn close(passport: PassportId) {
		Self::remove(passport);
		OwnershipTransfer::on_passport_closed(&passport);
	}

	pub fn owner_of(passport: PassportId) -> Option<OrganisationId> {
		Records::get(passport).map(|(owner, _, _)| owner)
	}

	pub fn operator_of(passport: PassportId) -> Option<OrganisationId> {
		Records::get(passport).map(|(_, operated_by, _)| operated_by)
	}
}

impl Passports for StoredPassports {
	fn facts(passport: &PassportId) -> Option<PassportFacts> {
		let (owner, operated_by, publication) = Records::get(passport)?;
		Some(PassportFacts {
			responsible_operator: organisation(MAKER),
			owner,
			operated_by,
			category: Category::ElectricVehicle,
			status: Status::Original,
			publication,
			committed: DataSets::of(&[DataSet::Model]),
		})
	}

	fn may_act(passport: &PassportId, organisation: OrganisationId, _: DelegatedRight) -> bool {
		Self::facts(passport).is_some_and(|facts| facts.responsible_operator == organisation)
	}

	fn set_owner(
		passport: &PassportId,
		owner: OrganisationId,
		operated_by: Option<OrganisationId>,
	) -> Result<(), PassportRefusal> {
		if FullHistories::contains_key(passport) {
			return Err(PassportRefusal::HistoryFull);
		}
		Records::try_mutate(passport, |record| match record {
			None => Err(PassportRefusal::NotFound),
			Some((_, _, Publication::Superseded)) => Err(PassportRefusal::NotActive),
			Some((current_owner, operator, Publication::Active)) => {
				*current_owner = owner;
				*operator = operated_by.unwrap_or(*operator);
				Ok(())
			}
		})
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

/// Passport number `number`.
pub fn battery(number: u8) -> PassportId {
	PassportId([number; 32])
}

/// The batteries that the maker owns at the start.
pub const BATTERIES: core::ops::RangeInclusive<u8> = 1..=40;

/// Blocks that the tests' offers stand.
pub const VALID_FOR: u64 = 10;

/// Offers batteries of the maker's to the dealer. The number that the transfer gets.
pub fn offered(numbers: &[u8]) -> TransferId {
	offered_by(MAKER, DEALER, numbers)
}

/// Offers batteries. The number that the transfer gets.
pub fn offered_by(from: u64, to: u64, numbers: &[u8]) -> TransferId {
	offered_as(from, to, numbers, TransferKind::Sale, false)
}

/// Offers batteries as something. The number that the transfer gets.
pub fn offered_as(
	from: u64,
	to: u64,
	numbers: &[u8],
	kind: TransferKind,
	operation_moves: bool,
) -> TransferId {
	let transfer = pallet_ownership_transfer::NextTransferId::<Test>::get();
	frame_support::assert_ok!(OwnershipTransfer::offer(
		RuntimeOrigin::signed(from),
		organisation(to),
		kind,
		operation_moves,
		batteries(numbers),
		None,
		BoundedVec::default(),
		VALID_FOR,
	));
	transfer
}

/// The recipient takes all that the offer has, and does not ask for operation.
pub fn accept(by: u64, transfer: TransferId) -> DispatchResultWithPostInfo {
	OwnershipTransfer::accept(RuntimeOrigin::signed(by), transfer, None, false)
}

/// The recipient takes some of the batteries.
pub fn accept_some(by: u64, transfer: TransferId, numbers: &[u8]) -> DispatchResultWithPostInfo {
	OwnershipTransfer::accept(
		RuntimeOrigin::signed(by),
		transfer,
		Some(batteries(numbers)),
		false,
	)
}

/// These batteries, as the calls take them.
pub fn batteries(numbers: &[u8]) -> BoundedVec<PassportId, MaxPassportsPerTransfer> {
	numbers
		.iter()
		.copied()
		.map(battery)
		.collect::<Vec<_>>()
		.try_into()
		.unwrap()
}

/// Moves on to the first block after the tests' offers have expired.
pub fn let_offers_expire() {
	System::set_block_number(System::block_number() + VALID_FOR + 1);
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
		self.build_and_break(|| {
			test();
			OwnershipTransfer::do_try_state().unwrap();
		});
	}

	/// For tests that break an invariant on purpose.
	pub fn build_and_break(self, test: impl FnOnce()) {
		let storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		sp_io::TestExternalities::new(storage).execute_with(|| {
			System::set_block_number(1);
			for number in BATTERIES {
				StoredPassports::register(battery(number), MAKER);
			}
			test();
		});
	}
}
