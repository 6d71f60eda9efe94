//! A runtime with this pallet and doubles of its neighbours. The doubles keep their state in storage, so that a call that fails
//! must undo what it did to them, and `assert_noop!` sees it.

use crate as pallet_ownership_transfer;
use crate::{weights::CountedWeight, TransferId, TransferKind};
use frame_support::{derive_impl, parameter_types, storage_alias, Blake2_128Concat, BoundedVec};
use passport_primitives::{
	battery::{Category, PassportId},
	ledger::{ActiveMember, Membership, MembershipRefusal, PassportFacts, PassportRefusal, Passports},
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
}

/// Owner and publication state of each passport.
#[storage_alias]
type Owners = StorageMap<Batteries, Blake2_128Concat, PassportId, (OrganisationId, Publication)>;

pub struct StoredPassports;

impl StoredPassports {
	pub fn register(passport: PassportId, owner: u64) {
		Owners::insert(passport, (organisation(owner), Publication::Active));
	}

	pub fn supersede(passport: PassportId) {
		Owners::mutate(passport, |entry| {
			if let Some((_, publication)) = entry {
				*publication = Publication::Superseded;
			}
		});
	}

	pub fn close(passport: PassportId) {
		Owners::remove(passport);
	}

	pub fn owner_of(passport: PassportId) -> Option<OrganisationId> {
		Owners::get(passport).map(|(owner, _)| owner)
	}
}

impl Passports for StoredPassports {
	fn facts(passport: &PassportId) -> Option<PassportFacts> {
		let (owner, publication) = Owners::get(passport)?;
		Some(PassportFacts {
			responsible_operator: organisation(MAKER),
			owner,
			category: Category::ElectricVehicle,
			status: Status::Original,
			publication,
		})
	}

	fn set_owner(passport: &PassportId, owner: OrganisationId) -> Result<(), PassportRefusal> {
		Owners::try_mutate(passport, |entry| match entry {
			None => Err(PassportRefusal::NotFound),
			Some((_, Publication::Superseded)) => Err(PassportRefusal::NotActive),
			Some((current, Publication::Active)) => {
				*current = owner;
				Ok(())
			}
		})
	}
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
	let transfer = pallet_ownership_transfer::NextTransferId::<Test>::get();
	frame_support::assert_ok!(OwnershipTransfer::offer(
		RuntimeOrigin::signed(from),
		organisation(to),
		TransferKind::Sale,
		batteries(numbers),
		None,
		BoundedVec::default(),
		VALID_FOR,
	));
	transfer
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
		let storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		sp_io::TestExternalities::new(storage).execute_with(|| {
			System::set_block_number(1);
			for number in BATTERIES {
				StoredPassports::register(battery(number), MAKER);
			}
			test();
			OwnershipTransfer::do_try_state().unwrap();
		});
	}
}
