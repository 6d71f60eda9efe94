//! A runtime of this pallet with the wrappers of the real one: batches and proxies. The doubles keep their state in storage.

use crate::{linking::link_message, CallRule, ClassifyCall, CouncilSeats, GenesisMember};
use codec::Encode;
use frame_support::{
	derive_impl,
	dispatch::DispatchResult,
	parameter_types,
	traits::{ConstU32, Contains, GetCallMetadata},
	weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight},
};
use frame_system::EnsureRoot;
use passport_primitives::{
	ledger::{Membership, OnMemberStopped},
	organisation::{OrganisationId, Role, Roles},
};
use sp_io::TestExternalities;
use sp_runtime::{testing::TestSignature, traits::BlakeTwo256, BuildStorage};

type Block = frame_system::mocking::MockBlock<Test>;

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
	#[runtime::pallet_index(1)]
	pub type Organisations = crate;
	#[runtime::pallet_index(2)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(3)]
	pub type Proxy = pallet_proxy;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type BaseCallFilter = NotPaused;
	type Block = Block;
	type DbWeight = frame_support::weights::constants::RocksDbWeight;
}

impl pallet_utility::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = ();
}

impl pallet_proxy::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = ();
	type ProxyType = ();
	type ProxyDepositBase = ConstU32<0>;
	type ProxyDepositFactor = ConstU32<0>;
	type MaxProxies = ConstU32<4>;
	type WeightInfo = ();
	type MaxPending = ConstU32<4>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = ConstU32<0>;
	type AnnouncementDepositFactor = ConstU32<0>;
	type BlockNumberProvider = System;
}

/// Blocks of a quota's period.
pub const PERIOD: u64 = 10;

/// What a member may use in a period: a second, with blocks of three quarters of one.
pub const QUOTA: u64 = WEIGHT_REF_TIME_PER_SECOND;

/// Weight of the listener.
pub const TOLD: Weight = Weight::from_parts(3_000_000_007, 0);

/// Weight of the council's seats.
pub const VACATED: Weight = Weight::from_parts(5_000_000_011, 0);

parameter_types! {
	pub const QuotaPeriodBlocks: u64 = PERIOD;
	pub const DefaultQuota: u64 = QUOTA;
	pub const MemberStoppedWeight: Weight = TOLD;
	pub const VacateSeatsWeight: Weight = VACATED;
	/// Name of the function that the council has paused.
	pub storage Paused: Vec<u8> = Vec::new();
	/// Accounts that the listener needs, and lets go when their member is stopped: as session keys do.
	pub storage Needed: Vec<u64> = Vec::new();
	/// Members that the listener was told of.
	pub storage Stopped: Vec<OrganisationId> = Vec::new();
	/// Accounts that have a seat in the council.
	pub storage Seated: Vec<u64> = Vec::new();
}

impl crate::Config for Test {
	type CouncilOrigin = EnsureRoot<u64>;
	type Calls = Rules;
	type Signature = TestSignature;
	type QuotaPeriodBlocks = QuotaPeriodBlocks;
	type DefaultQuota = DefaultQuota;
	type OnMemberStopped = Listener;
	type MemberStoppedWeight = MemberStoppedWeight;
	type Council = Seats;
	type VacateSeatsWeight = VacateSeatsWeight;
	type WeightInfo = crate::weights::CountedWeight<Test>;
}

/// Stands for safe-mode and paused calls.
pub struct NotPaused;

impl Contains<RuntimeCall> for NotPaused {
	fn contains(call: &RuntimeCall) -> bool {
		call.get_call_metadata().function_name.as_bytes() != Paused::get()
	}
}

/// Stands for the validators.
pub struct Listener;

impl OnMemberStopped for Listener {
	fn on_member_stopped(organisation: OrganisationId) {
		assert_eq!(
			Organisations::active_roles(organisation),
			None,
			"the storage says already that the member may not act"
		);
		let (gone, stay): (Vec<_>, Vec<_>) = Needed::get()
			.into_iter()
			.partition(|account| crate::OrganisationOf::<Test>::get(account) == Some(organisation));
		for account in gone {
			System::dec_consumers(&account);
		}
		Needed::set(&stay);
		let mut stopped = Stopped::get();
		stopped.push(organisation);
		Stopped::set(&stopped);
	}
}

/// Stands for the council's pallets.
pub struct Seats;

impl CouncilSeats<u64> for Seats {
	fn seats() -> Vec<u64> {
		Seated::get()
	}

	fn set_seats(accounts: Vec<u64>) -> DispatchResult {
		Seated::set(&accounts);
		Ok(())
	}
}

/// The rules of this runtime: one call for each kind of rule.
pub struct Rules;

impl ClassifyCall<RuntimeCall, u64> for Rules {
	fn classify<'a>(call: &'a RuntimeCall, _: &u64) -> CallRule<'a, RuntimeCall, u64> {
		match call {
			RuntimeCall::Organisations(
				crate::Call::link_account { .. }
				| crate::Call::unlink_account { .. }
				| crate::Call::set_hpke_key { .. },
			) => CallRule::Members(Roles::ANY),
			RuntimeCall::Organisations(_) => CallRule::OwnOriginCheck,
			RuntimeCall::System(frame_system::Call::remark { .. }) => {
				CallRule::Members(Roles::of(&[Role::Manufacturer, Role::Recycler]))
			}
			// Stands for the council's motions and votes.
			RuntimeCall::System(frame_system::Call::remark_with_event { .. }) => CallRule::Council,
			RuntimeCall::Utility(
				pallet_utility::Call::batch { calls }
				| pallet_utility::Call::batch_all { calls }
				| pallet_utility::Call::force_batch { calls },
			) => CallRule::Wraps(calls.iter().collect(), None),
			RuntimeCall::Proxy(pallet_proxy::Call::proxy { real, call, .. }) => {
				CallRule::Wraps(vec![call.as_ref()], Some(*real))
			}
			RuntimeCall::Proxy(pallet_proxy::Call::add_proxy { .. }) => CallRule::Members(Roles::ANY),
			_ => CallRule::Nobody,
		}
	}
}

/// An account that acts for nobody.
pub const STRANGER: u64 = 999;

/// An HPKE key that is not of small order.
pub const HPKE_KEY: [u8; 32] = [9; 32];

/// Account `place` of a member: 10 and 11 are the first two of member 1, 20 of member 2.
pub const fn account(member: u32, place: u64) -> u64 {
	10 * member as u64 + place
}

/// Hash of the genesis block.
pub const GENESIS: [u8; 32] = [69; 32];

/// What `account` signs to act for a member until the end of a block.
pub fn consent(organisation: u32, account: u64, expires_at: u32) -> TestSignature {
	TestSignature(
		account,
		link_message(
			&GENESIS,
			OrganisationId(organisation),
			&account.encode(),
			expires_at,
		),
	)
}

/// Members at genesis.
#[derive(Default)]
pub struct ExtBuilder {
	members: Vec<GenesisMember<u64>>,
}

impl ExtBuilder {
	/// Adds a member with these roles and this many accounts. It gets the next number.
	pub fn member(mut self, roles: &[Role], accounts: u64) -> Self {
		let number = self.members.len() as u32 + 1;
		self.members.push(GenesisMember {
			did: format!("did:web:member-{number}.example"),
			roles: Roles::of(roles).bits(),
			hpke_public_key: HPKE_KEY,
			accounts: (0..accounts).map(|place| account(number, place)).collect(),
			quota: None,
		});
		self
	}

	/// Adds a member as it is.
	pub fn genesis_member(mut self, member: GenesisMember<u64>) -> Self {
		self.members.push(member);
		self
	}

	fn build(self) -> TestExternalities {
		let genesis = RuntimeGenesisConfig {
			organisations: crate::GenesisConfig {
				members: self.members,
			},
			..RuntimeGenesisConfig::default()
		};
		TestExternalities::new(genesis.build_storage().expect("the genesis is valid"))
	}

	/// Runs the test in block 1 and then checks what always holds of the storage.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build_and_leave_broken(|| {
			test();
			assert_eq!(Organisations::do_try_state(), Ok(()));
		});
	}

	/// Runs a test that breaks the storage on purpose.
	pub fn build_and_leave_broken(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			System::set_block_number(1);
			test();
		});
	}
}

/// A member's record.
pub fn organisation(number: u32) -> crate::Organisation<u64, u64> {
	crate::Organisations::<Test>::get(OrganisationId(number)).expect("the member is there")
}

/// The last event of this pallet.
pub fn last_event() -> Option<crate::Event<Test>> {
	System::events()
		.into_iter()
		.rev()
		.find_map(|record| match record.event {
			RuntimeEvent::Organisations(event) => Some(event),
			_ => None,
		})
}
