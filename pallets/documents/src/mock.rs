//! A chain with this pallet alone, a consortium that never changes, and passports that tests can close, delegate and hand to
//! another operator.

use crate as pallet_documents;
use frame_support::{derive_impl, parameter_types};
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

/// Account `n` acts for organisation `n`.
pub type AccountId = u64;

/// Responsible operator of every passport, unless a test says otherwise.
pub const MAKER: AccountId = 1;
/// Owner of every battery.
pub const FLEET: AccountId = 2;
pub const QUALITY: AccountId = 3;
pub const NOTIFIED_BODY: AccountId = 4;
pub const RECYCLER: AccountId = 5;
pub const WORKSHOP: AccountId = 6;
/// A manufacturer and an operator that have no part in any passport, and everyone else that does not anchor.
pub const OTHER_MAKER: AccountId = 7;
pub const OTHER_FLEET: AccountId = 8;
pub const BYSTANDER: AccountId = 9;
/// Has no role that anchors; tests delegate to it.
pub const DELEGATE: AccountId = 10;
/// Has every role, and is suspended.
pub const SUSPENDED: AccountId = 20;
/// Has every role, and its membership has ended.
pub const ENDED: AccountId = 21;
/// Acts for nobody.
pub const STRANGER: AccountId = 99;

pub const FIRST: PassportId = PassportId([1; 32]);
pub const SECOND: PassportId = PassportId([2; 32]);
/// Superseded by another.
pub const OLD: PassportId = PassportId([3; 32]);
/// Never was.
pub const NONE: PassportId = PassportId([9; 32]);

pub fn organisation(account: AccountId) -> OrganisationId {
	OrganisationId(u32::try_from(account).unwrap())
}

pub struct Members;

impl Membership<AccountId> for Members {
	fn active_member(account: &AccountId) -> Result<ActiveMember, MembershipRefusal> {
		let roles = match *account {
			MAKER | OTHER_MAKER => Roles::of(&[Role::Manufacturer]),
			FLEET | OTHER_FLEET => Roles::of(&[Role::Operator]),
			QUALITY => Roles::of(&[Role::QualityAssurer]),
			NOTIFIED_BODY => Roles::of(&[Role::NotifiedBody]),
			RECYCLER => Roles::of(&[Role::Recycler]),
			WORKSHOP => Roles::of(&[Role::ServiceCentre]),
			BYSTANDER => Roles::of(&[
				Role::Supplier,
				Role::Distributor,
				Role::Logistics,
				Role::SecondLifeOperator,
				Role::Authority,
				Role::DataBroker,
				Role::BridgeOperator,
			]),
			DELEGATE => Roles::of(&[Role::DataBroker]),
			SUSPENDED => return Err(MembershipRefusal::Suspended),
			ENDED => return Err(MembershipRefusal::Ended),
			_ => return Err(MembershipRefusal::NotAMember),
		};
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

	fn is_member(organisation: OrganisationId) -> bool {
		Self::active_member(&organisation.0.into()) != Err(MembershipRefusal::NotAMember)
	}
}

parameter_types! {
	/// Passports that the test has closed.
	pub static Closed: Vec<PassportId> = Vec::new();
	/// Who may do what for the responsible operator of which passport.
	pub static Delegations: Vec<(PassportId, OrganisationId, DelegatedRight)> = Vec::new();
	/// Passports whose responsible operator is `OTHER_MAKER` by now.
	pub static TakenOver: Vec<PassportId> = Vec::new();
}

/// The responsible operator of `FIRST` authorises an organisation.
pub fn delegate(to: AccountId, right: DelegatedRight) {
	Delegations::mutate(|delegations| delegations.push((FIRST, organisation(to), right)));
}

pub struct MockPassports;

impl Passports for MockPassports {
	fn facts(passport: &PassportId) -> Option<PassportFacts> {
		if Closed::get().contains(passport) {
			return None;
		}
		let publication = match *passport {
			FIRST | SECOND => Publication::Active,
			OLD => Publication::Superseded,
			_ => return None,
		};
		let responsible_operator = if TakenOver::get().contains(passport) {
			OTHER_MAKER
		} else {
			MAKER
		};
		Some(PassportFacts {
			responsible_operator: organisation(responsible_operator),
			owner: organisation(FLEET),
			operated_by: organisation(OTHER_FLEET),
			category: Category::ElectricVehicle,
			status: Status::Original,
			publication,
			committed: DataSets::of(&[DataSet::Model]),
		})
	}

	fn may_act(passport: &PassportId, organisation: OrganisationId, right: DelegatedRight) -> bool {
		Self::facts(passport).is_some_and(|facts| {
			facts.responsible_operator == organisation
				|| Delegations::get().contains(&(*passport, organisation, right))
		})
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

/// What the passport pallet does when it closes a passport.
pub fn close(passport: PassportId) {
	assert!(Documents::may_close(&passport));
	Closed::mutate(|closed| closed.push(passport));
	Documents::on_passport_closed(&passport);
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

	#[runtime::pallet_index(25)]
	pub type Documents = pallet_documents;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

impl pallet_documents::Config for Test {
	type Members = Members;
	type Passports = MockPassports;
	type WeightInfo = pallet_documents::weights::CountedWeight<Test>;
}

/// What tests have done to passports. Tests may share a thread.
pub fn forget_passports() {
	Closed::take();
	Delegations::take();
	TakenOver::take();
}

pub struct ExtBuilder;

impl ExtBuilder {
	/// Runs a test in block 1 (block 0 keeps no events), and checks the invariants after it.
	pub fn build_and_execute(test: impl FnOnce()) {
		Self::build_and_break(|| {
			test();
			Documents::do_try_state().unwrap();
		});
	}

	/// For tests that break an invariant on purpose.
	pub fn build_and_break(test: impl FnOnce()) {
		forget_passports();
		let storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		sp_io::TestExternalities::from(storage).execute_with(|| {
			System::set_block_number(1);
			test();
		});
	}
}
