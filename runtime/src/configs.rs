//! Settings of the pallets. Every constant says why it has its value.

use crate::{
	calls::{PoolRules, ProxyType},
	AccessGrant, AccountId, Address, Aura, Block, BlockNumber, Council, CouncilMembership, Documents, Hash,
	Historical, Nonce, Offences, Organisations, OriginCaller, OwnershipTransfer, PalletInfo, Passport,
	Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask, SafeMode, Session, SessionKeys, System,
	Telemetry, Timestamp, TxPause, Validators, MILLISECONDS_PER_BLOCK, VERSION,
};
use alloc::vec::Vec;
use frame_support::{
	derive_impl,
	dispatch::{DispatchClass, DispatchResult},
	parameter_types,
	traits::{
		ConstBool, ConstU128, ConstU32, ConstU64, Contains, EitherOfDiverse, Get, InsideBoth, MapSuccess,
		PalletInfoAccess,
	},
	weights::{
		constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_MILLIS},
		Weight,
	},
};
use frame_system::{
	limits::{BlockLength, BlockWeights},
	EnsureNever, EnsureRoot,
};
use pallet_access_grant::WeightInfo as _;
use pallet_collective::WeightInfo as _;
use pallet_documents::MAX_DOCUMENTS_PER_PASSPORT;
use pallet_membership::WeightInfo as _;
use pallet_organisations::CouncilSeats;
use pallet_telemetry::MAX_DEVICES_PER_PASSPORT;
use passport_primitives::{battery::PassportId, ledger::BatteryDevices as _};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::{
	traits::{Convert, ConvertInto, OpaqueKeys, Replace, StaticLookup},
	Perbill,
};
use sp_version::RuntimeVersion;

/// What is left for members' calls after inherents and what must always fit.
const NORMAL_RATIO: Perbill = Perbill::from_percent(80);

/// Execution may take 600 ms of a block's second; the rest is for import, gossip and the votes.
const MAXIMUM_BLOCK_WEIGHT: Weight = Weight::from_parts(600 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

/// Bytes of a block. Members' calls have 80 % of them, 5.03 MB: twice as many hexadecimal digits are just within the 10 MiB that clients
/// of JSON-RPC take in an answer by default. A block full of frames of 60 readings is bounded by length, of shorter frames by weight.
const MAXIMUM_BLOCK_BYTES: u32 = 6 * 1024 * 1024;

/// Validators that the consensus pallets have room for. Twenty members are a large consortium; GRANDPA's messages grow with
/// the square.
pub const MAX_AUTHORITIES: u32 = 100;

parameter_types! {
	/// A day of block hashes: the longest time that a transaction can be mortal for.
	pub const BlockHashCount: BlockNumber = 86_400;
	/// What runs.
	pub const Version: RuntimeVersion = VERSION;
	/// Weight of blocks.
	pub RuntimeBlockWeights: BlockWeights = BlockWeights::with_sensible_defaults(MAXIMUM_BLOCK_WEIGHT, NORMAL_RATIO);
	/// Length of blocks.
	pub RuntimeBlockLength: BlockLength = BlockLength::builder()
		.max_length(MAXIMUM_BLOCK_BYTES)
		.modify_max_length_for_class(DispatchClass::Normal, |length| *length = NORMAL_RATIO * *length)
		.build();
	/// The generic prefix of Substrate addresses: the network has none of its own registered.
	pub const SS58Prefix: u8 = 42;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type AccountData = ();
	type AccountId = AccountId;
	type BaseCallFilter = InsideBoth<SeatsThatVote, InsideBoth<SafeMode, TxPause>>;
	type Block = Block;
	type BlockHashCount = BlockHashCount;
	type BlockLength = RuntimeBlockLength;
	type BlockWeights = RuntimeBlockWeights;
	type DbWeight = RocksDbWeight;
	type Hash = Hash;
	type Lookup = sp_runtime::traits::AccountIdLookup<AccountId, ()>;
	type MaxConsumers = ConstU32<16>;
	type Nonce = Nonce;
	type SS58Prefix = SS58Prefix;
	type SingleBlockMigrations = crate::Migrations;
	type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
	type Version = Version;
}

impl pallet_timestamp::Config for Runtime {
	type MinimumPeriod = ConstU64<{ MILLISECONDS_PER_BLOCK / 2 }>;
	type Moment = u64;
	type OnTimestampSet = Aura;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

/// Two thirds of the council; in the dev preset the sudo key too, which is root there.
pub type CouncilOrigin = EitherOfDiverse<
	EnsureRoot<AccountId>,
	pallet_collective::EnsureProportionAtLeast<AccountId, CouncilCollective, 2, 3>,
>;

/// The consortium's council.
pub type CouncilCollective = pallet_collective::Instance1;

parameter_types! {
	/// A motion may take a quarter of a block's room.
	pub MaxProposalWeight: Weight = Perbill::from_percent(25) * RuntimeBlockWeights::get().max_block;
	/// A week to vote.
	pub const MotionDuration: BlockNumber = 7 * 86_400;
}

/// Motions that can be open at a time: several from each seat of a large consortium.
const MAX_MOTIONS: u32 = 100;

/// Who did not vote has not agreed: with the SDK's defaults, a majority or the prime alone would speak for the silent, and pass
/// for two thirds.
pub struct SilenceIsNo;

impl pallet_collective::DefaultVote for SilenceIsNo {
	fn default_vote(
		_: Option<bool>,
		_: pallet_collective::MemberCount,
		_: pallet_collective::MemberCount,
		_: pallet_collective::MemberCount,
	) -> bool {
		false
	}
}

impl pallet_collective::Config<CouncilCollective> for Runtime {
	type Consideration = ();
	type DefaultVote = SilenceIsNo;
	type DisapproveOrigin = EnsureRoot<AccountId>;
	type KillOrigin = EnsureRoot<AccountId>;
	type MaxMembers = ConstU32<MAX_AUTHORITIES>;
	type MaxProposalWeight = MaxProposalWeight;
	type MaxProposals = ConstU32<MAX_MOTIONS>;
	type MotionDuration = MotionDuration;
	type Proposal = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type SetMembersOrigin = EnsureRoot<AccountId>;
	type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
}

impl pallet_membership::Config<pallet_membership::Instance1> for Runtime {
	type AddOrigin = CouncilOrigin;
	type MaxMembers = ConstU32<MAX_AUTHORITIES>;
	type MembershipChanged = Council;
	type MembershipInitialized = Council;
	type PrimeOrigin = CouncilOrigin;
	type RemoveOrigin = CouncilOrigin;
	type ResetOrigin = CouncilOrigin;
	type RuntimeEvent = RuntimeEvent;
	type SwapOrigin = CouncilOrigin;
	type WeightInfo = pallet_membership::weights::SubstrateWeight<Runtime>;
}

/// The seats that [`CouncilMembership`] holds and tells the collective of.
pub struct Seats;

impl CouncilSeats<AccountId> for Seats {
	fn seats() -> Vec<AccountId> {
		CouncilMembership::members().into_inner()
	}

	fn set_seats(accounts: Vec<AccountId>) -> DispatchResult {
		CouncilMembership::reset_members(RuntimeOrigin::root(), accounts)
	}
}

/// Refuses to give a seat to an account that can not vote, and to take the last one: the council is the only root, and every seat
/// counts in its two thirds. Suspending and removing members keep to that themselves ([`CouncilSeats`]).
pub struct SeatsThatVote;

impl Contains<RuntimeCall> for SeatsThatVote {
	fn contains(call: &RuntimeCall) -> bool {
		use pallet_membership::Call;
		use passport_primitives::ledger::Membership;
		let votes = |account: &AccountId| Organisations::active_member(account).is_ok();
		let names_one_that_votes = |address: &Address| {
			<Runtime as frame_system::Config>::Lookup::lookup(address.clone())
				.is_ok_and(|account| votes(&account))
		};
		match call {
			RuntimeCall::CouncilMembership(Call::add_member { who } | Call::swap_member { add: who, .. }) => {
				names_one_that_votes(who)
			}
			RuntimeCall::CouncilMembership(Call::remove_member { .. }) => {
				CouncilMembership::members().len() > 1
			}
			RuntimeCall::CouncilMembership(Call::reset_members { members }) => {
				!members.is_empty() && members.iter().all(votes)
			}
			_ => true,
		}
	}
}

type MembershipWeight = pallet_membership::weights::SubstrateWeight<Runtime>;
type CollectiveWeight = pallet_collective::weights::SubstrateWeight<Runtime>;

parameter_types! {
	/// The seats stand in two pallets, and the votes of every open motion are looked through.
	pub VacateSeatsWeight: Weight = MembershipWeight::reset_members(MAX_AUTHORITIES)
		.saturating_add(CollectiveWeight::set_members(MAX_AUTHORITIES, MAX_AUTHORITIES, MAX_MOTIONS));
}

/// What goes on while safe-mode is on, and what can not be paused: the consortium's way out, and what a block can not do
/// without. Wrappers are on the list for what they wrap: each wrapped call is asked for by itself.
pub struct AlwaysAllowed;

impl Contains<RuntimeCall> for AlwaysAllowed {
	fn contains(call: &RuntimeCall) -> bool {
		match call {
			RuntimeCall::System(_)
			| RuntimeCall::Timestamp(_)
			| RuntimeCall::Organisations(_)
			| RuntimeCall::Validators(_)
			| RuntimeCall::Session(_)
			| RuntimeCall::Grandpa(_)
			| RuntimeCall::Council(_)
			| RuntimeCall::CouncilMembership(_)
			| RuntimeCall::SafeMode(_)
			| RuntimeCall::TxPause(_)
			| RuntimeCall::Utility(_)
			| RuntimeCall::Proxy(_)
			| RuntimeCall::Multisig(_)
			| RuntimeCall::Sudo(_) => true,
			// What the council decides on the ledger.
			RuntimeCall::Passport(pallet_passport::Call::take_over { .. })
			| RuntimeCall::AccessGrant(
				pallet_access_grant::Call::set_access { .. }
				| pallet_access_grant::Call::set_purpose { .. }
				| pallet_access_grant::Call::set_demanding_authorities { .. },
			)
			| RuntimeCall::Telemetry(
				pallet_telemetry::Call::set_state_of_health_threshold { .. }
				| pallet_telemetry::Call::allow_anchoring { .. },
			) => true,
			RuntimeCall::Passport(_)
			| RuntimeCall::OwnershipTransfer(_)
			| RuntimeCall::AccessGrant(_)
			| RuntimeCall::Telemetry(_)
			| RuntimeCall::Documents(_) => false,
		}
	}
}

/// The calls of the ledger that are the council's: pallet and name.
fn is_of_the_council(pallet: &str, call: &[u8]) -> bool {
	let calls: &[&[u8]] = if pallet == Passport::name() {
		&[b"take_over"]
	} else if pallet == AccessGrant::name() {
		&[b"set_access", b"set_purpose", b"set_demanding_authorities"]
	} else if pallet == Telemetry::name() {
		&[b"set_state_of_health_threshold", b"allow_anchoring"]
	} else {
		&[]
	};
	calls.contains(&call)
}

/// The same by the names that the council pauses calls by: what is not the ledger's own, or the council's, can not be paused.
impl Contains<pallet_tx_pause::RuntimeCallNameOf<Runtime>> for AlwaysAllowed {
	fn contains((pallet, call): &pallet_tx_pause::RuntimeCallNameOf<Runtime>) -> bool {
		let ledger = [
			Passport::name(),
			OwnershipTransfer::name(),
			AccessGrant::name(),
			Telemetry::name(),
			Documents::name(),
		];
		!ledger
			.iter()
			.any(|name| name.as_bytes() == pallet.as_slice() && !is_of_the_council(name, call))
	}
}

/// A week: as long as a motion may take that ends it.
const SAFE_MODE_BLOCKS: BlockNumber = 7 * 86_400;

impl pallet_safe_mode::Config for Runtime {
	// Nobody enters safe-mode by a deposit: there is no token.
	type Currency = pallet_validators::no_currency::NoCurrency<AccountId, pallet_safe_mode::HoldReason>;
	type EnterDepositAmount = ();
	type EnterDuration = ConstU32<0>;
	type ExtendDepositAmount = ();
	type ExtendDuration = ConstU32<0>;
	type ForceDepositOrigin = EnsureNever<AccountId>;
	type ForceEnterOrigin = MapSuccess<CouncilOrigin, Replace<ConstU32<SAFE_MODE_BLOCKS>>>;
	type ForceExitOrigin = CouncilOrigin;
	type ForceExtendOrigin = MapSuccess<CouncilOrigin, Replace<ConstU32<SAFE_MODE_BLOCKS>>>;
	type Notify = ();
	type ReleaseDelay = ();
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = pallet_safe_mode::HoldReason;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
	type WhitelistedCalls = AlwaysAllowed;
}

impl pallet_tx_pause::Config for Runtime {
	// Longer names are treated as paused: those of the ledger's calls have at most 32 bytes, which a test holds.
	type MaxNameLen = ConstU32<64>;
	type PauseOrigin = CouncilOrigin;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type UnpauseOrigin = CouncilOrigin;
	type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
	type WhitelistedCalls = AlwaysAllowed;
}

/// Blocks of a quota's period. Short, because what one member sends in a burst before it has used anything stands before what
/// others send after it, up to its quota. With four blocks and a quarter that is one block, a second.
const QUOTA_PERIOD_BLOCKS: BlockNumber = 4;

parameter_types! {
	/// A quarter of what members' calls may take of the period's blocks, so that three members that send all they can leave
	/// room for the others. A bridge of a large fleet gets more from the council.
	pub DefaultQuota: u64 =
		u64::from(QUOTA_PERIOD_BLOCKS) * (NORMAL_RATIO * MAXIMUM_BLOCK_WEIGHT).ref_time() / 4;
}

impl pallet_organisations::Config for Runtime {
	type Calls = PoolRules;
	type Council = Seats;
	type CouncilOrigin = CouncilOrigin;
	type DefaultQuota = DefaultQuota;
	type MemberStoppedWeight = pallet_validators::StoppingWeight<Runtime>;
	type OnMemberStopped = Validators;
	type QuotaPeriodBlocks = ConstU32<QUOTA_PERIOD_BLOCKS>;
	type Signature = crate::Signature;
	type VacateSeatsWeight = VacateSeatsWeight;
	type WeightInfo = crate::weights::organisations::Measured<Runtime>;
}

impl pallet_validators::Config for Runtime {
	type CouncilOrigin = CouncilOrigin;
	type MaxValidators = ConstU32<MAX_AUTHORITIES>;
	type EvidenceSessions = ConstU32<EVIDENCE_SESSIONS>;
	type Members = Organisations;
	type Sessions = pallet_session::PeriodicSessions<SessionBlocks, SessionOffset>;
	type WeightInfo = crate::weights::validators::Measured<Runtime>;
}

impl pallet_authorship::Config for Runtime {
	type EventHandler = ();
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Aura>;
}

/// Ten minutes.
#[cfg(not(feature = "upgrade-test"))]
const SESSION_BLOCKS: BlockNumber = 600;
/// Twenty seconds: a test changes the validators on the network that it has upgraded, and waits for two sessions. Sessions end with
/// blocks whose number is a multiple, so that nothing but the end of the present one changes with the length.
#[cfg(feature = "upgrade-test")]
const SESSION_BLOCKS: BlockNumber = 20;

parameter_types! {
	/// A session. A change of the validator set acts two sessions later, that is within half an hour.
	pub const SessionBlocks: BlockNumber = SESSION_BLOCKS;
	/// Sessions start at genesis.
	pub const SessionOffset: BlockNumber = 0;
}

impl pallet_session::Config for Runtime {
	type Currency = pallet_validators::no_currency::NoCurrency<AccountId>;
	// For offences alone. Who acts for no active member is disabled by the validators pallet, without this limit.
	type DisablingStrategy = pallet_validators::OffendersUpToAThird;
	type KeyDeposit = ConstU128<0>;
	type Keys = SessionKeys;
	type NextSessionRotation = pallet_session::PeriodicSessions<SessionBlocks, SessionOffset>;
	type RuntimeEvent = RuntimeEvent;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type SessionManager = pallet_session::historical::NoteHistoricalRoot<Runtime, Validators>;
	// Ends a session sooner when finality is handed to another set.
	type ShouldEndSession = Validators;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}

/// A day of sessions: so long can an equivocation be proved. A node reports what it sees within seconds.
const EVIDENCE_SESSIONS: u32 = 144;

impl pallet_session::historical::Config for Runtime {
	type FullIdentification = ();
	type FullIdentificationOf = pallet_validators::AccountSaysAll;
	type RuntimeEvent = RuntimeEvent;
}

impl pallet_offences::Config for Runtime {
	type IdentificationTuple = pallet_session::historical::IdentificationTuple<Runtime>;
	type OnOffenceHandler = Validators;
	type RuntimeEvent = RuntimeEvent;
}

impl frame_system::offchain::CreateTransactionBase<pallet_grandpa::Call<Runtime>> for Runtime {
	type Extrinsic = crate::UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

/// A report of an equivocation is not signed: the proof in it says all, and no account has to be at hand on a validator's machine.
impl frame_system::offchain::CreateBare<pallet_grandpa::Call<Runtime>> for Runtime {
	fn create_bare(call: RuntimeCall) -> crate::UncheckedExtrinsic {
		crate::UncheckedExtrinsic::new_bare(call)
	}
}

impl pallet_aura::Config for Runtime {
	type AllowMultipleBlocksPerSlot = ConstBool<false>;
	type AuthorityId = AuraId;
	type DisabledValidators = Session;
	type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
	type SlotDuration = ConstU64<MILLISECONDS_PER_BLOCK>;
}

impl pallet_grandpa::Config for Runtime {
	type EquivocationReportSystem = pallet_grandpa::EquivocationReportSystem<
		Runtime,
		Offences,
		Historical,
		ConstU64<{ EVIDENCE_SESSIONS as u64 * SESSION_BLOCKS as u64 }>,
	>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<{ EVIDENCE_SESSIONS as u64 }>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
}

type AccessGrantWeight = crate::weights::access_grant::Measured<Runtime>;
type TelemetryWeight = crate::weights::telemetry::Measured<Runtime>;

/// What the listeners drop when a passport closes: an offer, the authorities' envelopes, grants, devices with their pages, their former keys
/// and the times of their statements, documents.
pub struct ClosingWeight;

impl ClosingWeight {
	/// An offer and all envelopes whether or not they are there, and this much of the rest.
	fn of(grants: u32, devices: u32, documents: u32) -> Weight {
		let devices = u64::from(devices);
		RocksDbWeight::get()
			.reads_writes(4, 2)
			.saturating_add(AccessGrantWeight::passport_closed(grants))
			.saturating_add(RocksDbWeight::get().reads_writes(1 + devices, 1 + 4 * devices))
			// Of the documents it is measured what the most cost. A share of that is enough for fewer: to find that there is none
			// is part of what closing itself is measured to cost.
			.saturating_add(
				<pallet_documents::ClosingWeight<Runtime> as Get<Weight>>::get()
					.saturating_mul(u64::from(documents))
					.saturating_div(u64::from(MAX_DOCUMENTS_PER_PASSPORT)),
			)
	}
}

impl Get<Weight> for ClosingWeight {
	fn get() -> Weight {
		let grants = <Runtime as pallet_access_grant::Config>::MaxGrantsPerPassport::get();
		Self::of(grants, MAX_DEVICES_PER_PASSPORT, MAX_DOCUMENTS_PER_PASSPORT)
	}
}

impl Convert<PassportId, Weight> for ClosingWeight {
	fn convert(passport: PassportId) -> Weight {
		let grants = pallet_access_grant::GrantsOf::<Runtime>::decode_len(passport);
		let devices = Passport::devices(&passport).len();
		let documents = pallet_documents::Counts::<Runtime>::get(passport).anchored;
		Self::of(grants.unwrap_or_default() as u32, devices as u32, documents)
	}
}

/// What the envelopes of a new passport cost: either they are taken, or they are refused or none is demanded.
///
/// They are taken if every authority that is named and may act has some: as many entries are looked for and written as
/// authorities have envelopes. In the other case nothing is written, but the entries of all that are named may have been looked
/// for: that is part of what it takes to find that nothing is due. The dearer one is charged.
pub struct DepositWeight;

impl Convert<u32, Weight> for DepositWeight {
	fn convert(authorities: u32) -> Weight {
		AccessGrantWeight::envelopes_deposited(authorities).max(AccessGrantWeight::envelopes_due())
	}
}

impl pallet_passport::Config for Runtime {
	type ChangedWeight = ChangedWeight;
	type ClosingWeight = ClosingWeight;
	type CouncilOrigin = CouncilOrigin;
	type DepositWeight = DepositWeight;
	type DueWeight = DueWeight;
	type Envelopes = AccessGrant;
	type MaxDelegationBlocks = MaxDelegationBlocks;
	type Members = Organisations;
	type OnPassportChanged = Telemetry;
	type OnPassportClosed = (OwnershipTransfer, AccessGrant, Telemetry, Documents);
	type Signature = crate::Signature;
	type StateOfHealthThresholdBp = StateOfHealthThresholdBp;
	type StatementValidBlocks = StatementValidBlocks;
	type WeightInfo = crate::weights::passport::Measured<Runtime>;
}

parameter_types! {
	/// A quarter: batteries travel for weeks, and an offer blocks its battery until it is answered or over.
	pub const MaxOpenBlocks: BlockNumber = 90 * 86_400;
	/// What it costs at worst to ask whether envelopes for authorities are due. It is the same whatever a call carries.
	pub DueWeight: Weight = AccessGrantWeight::envelopes_due();
	/// What it costs at worst that a device's page says what its passport says.
	pub ChangedWeight: Weight = <TelemetryWeight as pallet_telemetry::WeightInfo>::passport_changed();
	/// The state of health that the council has set as the limit between a second life and recycling, in 0.01 %. Read from the
	/// storage at each use.
	pub StateOfHealthThresholdBp: u16 = pallet_telemetry::StateOfHealthThresholdBp::<Runtime>::get();
	/// A quarter: a battery that was retired is assessed, sold and prepared for its second life in that time, and its state of
	/// health falls by a fraction of a percent.
	pub const StatementValidBlocks: BlockNumber = 90 * 86_400;
	/// Five years: a written authorisation that nobody has looked at for longer is not one.
	pub const MaxDelegationBlocks: BlockNumber = 5 * 365 * 86_400;
	/// Two years, then the grantee asks again.
	pub const MaxGrantBlocks: BlockNumber = 730 * 86_400;
}

impl pallet_ownership_transfer::Config for Runtime {
	type MaxOpenBlocks = MaxOpenBlocks;
	type MaxPassportsPerTransfer = ConstU32<32>;
	type Members = Organisations;
	type Passports = Passport;
	type WeightInfo = crate::weights::ownership_transfer::Measured<Runtime>;
}

impl pallet_access_grant::Config for Runtime {
	type CouncilOrigin = CouncilOrigin;
	type KeyEpochs = Telemetry;
	type MaxGrantBlocks = MaxGrantBlocks;
	type MaxGrantsPerPassport = ConstU32<64>;
	type Members = Organisations;
	type Passports = Passport;
	type WeightInfo = crate::weights::access_grant::Measured<Runtime>;
}

/// Has the same verdicts on our host and on the SDK's, and is quicker on ours: `signature-batch/README.md` says why.
#[cfg(feature = "batch-verify")]
type FrameSignatures = passport_signature_batch::HostBatch;
#[cfg(not(feature = "batch-verify"))]
type FrameSignatures = passport_signature_batch::OneByOne;

impl pallet_telemetry::Config for Runtime {
	type CouncilOrigin = CouncilOrigin;
	type Members = Organisations;
	type Passports = Passport;
	type Signatures = FrameSignatures;
	type Time = Timestamp;
	type WeightInfo = TelemetryWeight;
}

impl pallet_documents::Config for Runtime {
	type Members = Organisations;
	type Passports = Passport;
	type WeightInfo = crate::weights::documents::Measured<Runtime>;
}

impl pallet_utility::Config for Runtime {
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_proxy::Config for Runtime {
	type AnnouncementDepositBase = ConstU32<0>;
	type AnnouncementDepositFactor = ConstU32<0>;
	type BlockNumberProvider = System;
	type CallHasher = sp_runtime::traits::BlakeTwo256;
	type Currency = crate::no_token::NoToken;
	type MaxPending = ConstU32<0>;
	type MaxProxies = ConstU32<16>;
	type ProxyDepositBase = ConstU32<0>;
	type ProxyDepositFactor = ConstU32<0>;
	type ProxyType = ProxyType;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
	type BlockNumberProvider = System;
	type Currency = crate::no_token::NoToken;
	type DepositBase = ConstU32<0>;
	type DepositFactor = ConstU32<0>;
	type MaxSignatories = ConstU32<16>;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
}

impl pallet_sudo::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}
