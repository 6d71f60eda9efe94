//! A runtime of this pallet with tables for members and passports, and devices that seal and sign.

use crate::{Batch, DeviceIndex, DeviceState, SubmittedFrame, MAX_DEVICES_PER_PASSPORT};
use ed25519_dalek::{Signer, SigningKey};
use frame_support::{
	assert_ok, derive_impl,
	pallet_prelude::ValueQuery,
	parameter_types,
	traits::{ConstU32, UnixTime},
	BoundedVec,
};
use frame_system::EnsureRoot;
use passport_primitives::{
	battery::{Category, DocumentHash, PassportId},
	data_set::DataSets,
	ledger::{
		ActiveMember, BatteryDevices, DelegatedRight, Membership, MembershipRefusal, NoRoomForDevice,
		OnPassportChanged, OnPassportClosed, PassportFacts, PassportRefusal, Passports,
	},
	life_cycle::{Publication, Status},
	organisation::{OrganisationId, Role, Roles},
	telemetry::{
		crypto::{build, DeviceMaster},
		device::{possession_message, rotation_message},
		statement::ThresholdStatement,
		FrameRefusal, Reading, MAX_FRAME_BYTES,
	},
};
use passport_signature_batch::{HostBatch, SignatureBatch};
use sp_core::H256;
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchResult};
use std::{collections::BTreeMap, time::Duration};

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
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Telemetry = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type DbWeight = frame_support::weights::constants::RocksDbWeight;
}

impl crate::Config for Test {
	type CouncilOrigin = EnsureRoot<u64>;
	type Members = Members;
	type Passports = Batteries;
	type Signatures = Signatures;
	type Time = Clock;
	type WeightInfo = crate::weights::CountedWeight<Test>;
}

parameter_types! {
	/// Whether the host checks signatures together.
	pub static HostChecksTogether: bool = true;
}

/// What this host checks together, or would.
pub struct Signatures(Vec<([u8; 32], [u8; 64], Vec<u8>)>);

impl SignatureBatch for Signatures {
	const WORTHWHILE_FROM: Option<u32> = HostBatch::WORTHWHILE_FROM;

	fn if_all_verify<Outcome>(work: impl FnOnce(&mut Self) -> Outcome) -> Option<Outcome> {
		if !HostChecksTogether::get() {
			return None;
		}
		let mut added = Signatures(vec![]);
		let outcome = work(&mut added);
		HostBatch::if_all_verify(|batch| {
			for (public_key, signature, message) in &added.0 {
				batch.add(public_key, signature, message);
			}
		})
		.map(|()| outcome)
	}

	fn add(&mut self, public_key: &[u8; 32], signature: &[u8; 64], message: &[u8]) {
		self.0.push((*public_key, *signature, message.to_vec()));
	}
}

/// Manufacturer, and responsible for every passport of the builder.
pub const MAKER: u64 = 1;
/// Second-life operator.
pub const SECOND_LIFE: u64 = 2;
/// Bridge operator.
pub const BRIDGE: u64 = 3;
/// Another bridge operator.
pub const OTHER_BRIDGE: u64 = 4;
/// Manufacturer as well.
pub const OTHER_MAKER: u64 = 5;
/// Has every role but those of makers and bridges.
pub const OUTSIDER: u64 = 6;
/// Has every role and is suspended.
pub const SUSPENDED: u64 = 7;
/// Has every role and its membership has ended.
pub const ENDED: u64 = 8;
/// Acts for nobody.
pub const STRANGER: u64 = 99;

/// The hash of block 0.
pub const GENESIS: [u8; 32] = [7; 32];

/// The chain's clock at the start of a test, in seconds since 1970.
pub const NOW: u64 = 1_800_000_000;

parameter_types! {
	/// Organisations that were suspended in the course of the test.
	pub static SuspendedLater: Vec<OrganisationId> = vec![];
	/// The passports there are.
	pub static Facts: BTreeMap<PassportId, PassportFacts> = BTreeMap::new();
	/// What responsible operators have authorised others to do: the battery, whom, what.
	pub static Delegations: Vec<(PassportId, OrganisationId, DelegatedRight)> = vec![];
	/// Statements that passports have written down.
	pub static Recorded: Vec<RecordedStatement> = vec![];
	/// Passports whose statement was withdrawn.
	pub static Withdrawn: Vec<PassportId> = vec![];
	/// Why passports write no statement down.
	pub static RecordingRefused: Option<PassportRefusal> = None;
	/// The chain's clock.
	pub static ChainSeconds: u64 = NOW;
}

/// A statement as a passport gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedStatement {
	pub passport: PassportId,
	pub at_or_above: bool,
	pub threshold_bp: u16,
	pub evidence: DocumentHash,
}

/// Members by a fixed table: account `n` acts for organisation `n`.
pub struct Members;

impl Members {
	fn standing(organisation: OrganisationId) -> Result<ActiveMember, MembershipRefusal> {
		let roles = match u64::from(organisation.0) {
			MAKER | OTHER_MAKER => Roles::of(&[Role::Manufacturer]),
			SECOND_LIFE => Roles::of(&[Role::SecondLifeOperator]),
			BRIDGE | OTHER_BRIDGE => Roles::of(&[Role::BridgeOperator]),
			OUTSIDER => {
				let others = Roles::of(&[Role::Manufacturer, Role::SecondLifeOperator, Role::BridgeOperator]);
				Roles::from_bits(Roles::ANY.bits() & !others.bits()).expect("a subset of all roles")
			}
			SUSPENDED => return Err(MembershipRefusal::Suspended),
			ENDED => return Err(MembershipRefusal::Ended),
			_ => return Err(MembershipRefusal::NotAMember),
		};
		if SuspendedLater::get().contains(&organisation) {
			return Err(MembershipRefusal::Suspended);
		}
		Ok(ActiveMember { organisation, roles })
	}
}

impl Membership<u64> for Members {
	fn active_member(account: &u64) -> Result<ActiveMember, MembershipRefusal> {
		Self::standing(organisation(*account))
	}

	fn active_roles(organisation: OrganisationId) -> Option<Roles> {
		Self::standing(organisation).ok().map(|member| member.roles)
	}

	fn is_member(organisation: OrganisationId) -> bool {
		Self::standing(organisation) != Err(MembershipRefusal::NotAMember)
	}
}

/// The organisation that an account acts for.
pub fn organisation(account: u64) -> OrganisationId {
	OrganisationId(account as u32)
}

/// Passports by the table [`Facts`].
pub struct Batteries;

impl Passports for Batteries {
	fn facts(passport: &PassportId) -> Option<PassportFacts> {
		Facts::get().get(passport).copied()
	}

	fn may_act(passport: &PassportId, organisation: OrganisationId, right: DelegatedRight) -> bool {
		Self::facts(passport).is_some_and(|facts| {
			organisation == facts.responsible_operator
				|| (Members::standing(facts.responsible_operator).is_ok()
					&& Delegations::get().contains(&(*passport, organisation, right)))
		})
	}

	fn set_owner(
		_: &PassportId,
		_: OrganisationId,
		_: Option<OrganisationId>,
	) -> Result<(), PassportRefusal> {
		unreachable!("telemetry moves no ownership")
	}

	fn record_threshold_statement(
		passport: &PassportId,
		at_or_above: bool,
		threshold_bp: u16,
		evidence: DocumentHash,
	) -> Result<(), PassportRefusal> {
		if let Some(refusal) = RecordingRefused::get() {
			return Err(refusal);
		}
		Recorded::mutate(|all| {
			all.push(RecordedStatement {
				passport: *passport,
				at_or_above,
				threshold_bp,
				evidence,
			});
		});
		Ok(())
	}

	fn withdraw_threshold_statement(passport: &PassportId) {
		Withdrawn::mutate(|all| all.push(*passport));
	}
}

/// Which devices each passport has: entries of the test alone.
#[frame_support::storage_alias]
type Listed = StorageMap<
	Passports,
	frame_support::Blake2_128Concat,
	PassportId,
	BoundedVec<DeviceIndex, ConstU32<MAX_DEVICES_PER_PASSPORT>>,
	ValueQuery,
>;

impl BatteryDevices for Batteries {
	fn devices(
		passport: &PassportId,
	) -> impl ExactSizeIterator<Item = DeviceIndex> + DoubleEndedIterator<Item = DeviceIndex> {
		Listed::get(passport).into_iter()
	}

	fn add_device(passport: &PassportId, device: DeviceIndex) -> Result<(), NoRoomForDevice> {
		Listed::try_append(passport, device).map_err(|()| NoRoomForDevice)
	}
}

/// The devices that a passport says it has.
pub fn devices_of(number: u32) -> Vec<DeviceIndex> {
	Batteries::devices(&passport(number)).collect()
}

/// Changes which devices a passport says it has: a fault that no pallet has.
pub fn list_devices(number: u32, devices: Vec<DeviceIndex>) {
	Listed::insert(passport(number), BoundedVec::truncate_from(devices));
}

/// Closes a passport, as the passport pallet does it: the others are told, then it is gone.
pub fn close(number: u32) {
	assert!(Telemetry::may_close(&passport(number)));
	Telemetry::on_passport_closed(&passport(number));
	Listed::remove(passport(number));
	Facts::mutate(|all| all.remove(&passport(number)));
}

/// The chain's clock, [`ChainSeconds`].
pub struct Clock;

impl UnixTime for Clock {
	fn now() -> Duration {
		Duration::from_secs(ChainSeconds::get())
	}
}

/// The passport of battery `number`.
pub fn passport(number: u32) -> PassportId {
	let mut id = [0xba; 32];
	id[..4].copy_from_slice(&number.to_be_bytes());
	PassportId(id)
}

/// A new battery's passport under the responsibility of `operator`.
pub fn add_passport(number: u32, operator: u64) {
	let facts = PassportFacts {
		responsible_operator: organisation(operator),
		owner: organisation(OUTSIDER),
		operated_by: organisation(OUTSIDER),
		category: Category::ElectricVehicle,
		status: Status::Original,
		publication: Publication::Active,
		committed: DataSets::ALL,
	};
	Facts::mutate(|all| all.insert(passport(number), facts));
}

/// The responsible operator of a battery authorises the organisation of `account` to do this in its place.
pub fn delegate(number: u32, account: u64, right: DelegatedRight) {
	Delegations::mutate(|all| all.push((passport(number), organisation(account), right)));
}

/// Changes what is known of a passport and tells of it, as the passport pallet does.
pub fn change_passport(number: u32, change: impl FnOnce(&mut PassportFacts)) {
	change_passport_unseen(number, change);
	Telemetry::on_passport_changed(&passport(number), &Facts::get()[&passport(number)]);
}

/// Changes what is known of a passport and tells nobody: a fault that no pallet has.
pub fn change_passport_unseen(number: u32, change: impl FnOnce(&mut PassportFacts)) {
	Facts::mutate(|all| change(all.get_mut(&passport(number)).expect("the passport is there")));
}

/// Numbers of the BMS whose keys devices of the tests have.
const KEYS: core::ops::Range<u32> = 0..1_000;

/// The BMS of a battery, with keys of its own.
pub struct Bms {
	/// Signs frames.
	pub signing_key: SigningKey,
	master: DeviceMaster,
	/// What it signs frames for.
	battery: u32,
}

/// What a frame of a test says; the rest does not matter to the chain.
#[derive(Clone, Copy)]
pub struct Sent {
	pub sequence: u64,
	pub key_epoch: u32,
	pub genesis_hash: [u8; 32],
	pub first_seconds: u64,
	pub last_seconds: u64,
}

impl Default for Sent {
	fn default() -> Self {
		Sent {
			sequence: 1,
			key_epoch: 0,
			genesis_hash: GENESIS,
			first_seconds: NOW - 60,
			last_seconds: NOW,
		}
	}
}

impl Bms {
	/// The BMS that was made as `number`, for the battery of that number.
	pub fn new(number: u32) -> Self {
		let mut seed = [0xb5; 32];
		seed[..4].copy_from_slice(&number.to_be_bytes());
		let signing_key = SigningKey::from_bytes(&seed);
		seed[31] = 0;
		Bms {
			signing_key,
			master: DeviceMaster::new(seed),
			battery: number,
		}
	}

	/// The same, built into another battery.
	pub fn of(self, battery: u32) -> Self {
		Bms { battery, ..self }
	}

	/// The battery that it signs frames for.
	pub fn passport(&self) -> PassportId {
		passport(self.battery)
	}

	pub fn public_key(&self) -> [u8; 32] {
		self.signing_key.verifying_key().to_bytes()
	}

	/// Proof of possession for a battery.
	pub fn proof(&self, passport: PassportId) -> [u8; 64] {
		self.sign(&possession_message(&GENESIS, &passport, &self.public_key()))
	}

	/// The BMS of [`KEYS`] that has this key.
	pub fn with_key(public_key: [u8; 32]) -> Self {
		KEYS.map(Bms::new)
			.find(|bms| bms.public_key() == public_key)
			.expect("it is the key of one of them")
	}

	/// Consent of a device that has this key to another one from a sequence on.
	pub fn consent(&self, passport: PassportId, to: &Bms, from_sequence: u64) -> [u8; 64] {
		self.sign(&rotation_message(
			&GENESIS,
			&passport,
			&to.public_key(),
			from_sequence,
		))
	}

	/// Proof for a battery whose device is to sign with this key from a sequence on.
	pub fn rotation_proof(&self, passport: PassportId, from_sequence: u64) -> [u8; 64] {
		self.consent(passport, self, from_sequence)
	}

	/// A statement for a battery, signed.
	pub fn state(&self, passport: PassportId, statement: &ThresholdStatement) -> [u8; 64] {
		self.sign(&statement.message(&GENESIS, &passport))
	}

	/// A signature over anything.
	pub fn sign(&self, message: &[u8]) -> [u8; 64] {
		self.signing_key.sign(message).to_bytes()
	}

	/// A frame of two readings.
	pub fn send(&self, sent: Sent) -> Vec<u8> {
		let reading = |time_seconds| Reading {
			time_seconds,
			state_of_health_bp: 9_970,
			voltage_mv: 402_500,
			..Reading::default()
		};
		let mut buffer = [0; MAX_FRAME_BYTES];
		let length = build(
			&[reading(sent.first_seconds), reading(sent.last_seconds)],
			sent.key_epoch,
			sent.sequence,
			&sent.genesis_hash,
			&self.passport(),
			&self.master.seal_key(sent.key_epoch),
			&self.signing_key,
			&mut buffer,
		)
		.expect("the test asks for a frame that can be built");
		buffer[..length].to_vec()
	}

	/// A good frame of now.
	pub fn frame(&self, sequence: u64) -> Vec<u8> {
		self.send(Sent {
			sequence,
			..Sent::default()
		})
	}
}

/// Registers BMS `bms` for battery `battery` and returns its number.
pub fn register(battery: u32, bms: u32) -> DeviceIndex {
	let operator = Facts::get()[&passport(battery)].responsible_operator;
	let bms = Bms::new(bms);
	assert_ok!(Telemetry::register_device(
		RuntimeOrigin::signed(operator.0.into()),
		passport(battery),
		bms.public_key(),
		bms.proof(passport(battery)),
	));
	crate::NextDevice::<Test>::get() - 1
}

/// [`MAKER`] gives a device of its battery the key of BMS `bms` from this sequence on. Its present key agrees.
pub fn rotate(device: DeviceIndex, bms: u32, from_sequence: u64) -> DispatchResult {
	let passport = state(device).device.passport;
	let bms = Bms::new(bms);
	Telemetry::rotate_device_key(
		RuntimeOrigin::signed(MAKER),
		device,
		bms.public_key(),
		from_sequence,
		bms.rotation_proof(passport, from_sequence),
		Bms::with_key(state(device).public_key).consent(passport, &bms, from_sequence),
	)
}

/// A batch of these frames.
pub fn batch<Frames: IntoIterator<Item = (DeviceIndex, Vec<u8>)>>(frames: Frames) -> Batch {
	let frames: Vec<_> = frames
		.into_iter()
		.map(|(device, frame)| SubmittedFrame {
			device,
			frame: frame.try_into().expect("the frame is not too long"),
		})
		.collect();
	frames.try_into().expect("the batch is not too long")
}

/// What the chain said of a batch.
#[derive(Debug, PartialEq, Eq)]
pub struct Verified {
	pub frames: u16,
	pub readings: u32,
	pub skipped: Vec<(u16, FrameRefusal)>,
}

/// Submits frames through [`BRIDGE`] and returns what the chain said.
pub fn submit<Frames: IntoIterator<Item = (DeviceIndex, Vec<u8>)>>(frames: Frames) -> Verified {
	assert_ok!(Telemetry::submit_frames(
		RuntimeOrigin::signed(BRIDGE),
		batch(frames)
	));
	match last_event() {
		Some(crate::Event::BatchVerified {
			bridge,
			frames,
			readings,
			skipped,
		}) if bridge == organisation(BRIDGE) => Verified {
			frames,
			readings,
			skipped: skipped
				.into_iter()
				.map(|frame| (frame.position, frame.reason))
				.collect(),
		},
		other => panic!("no batch was verified: {other:?}"),
	}
}

/// Submits one frame; the reason when it was skipped.
pub fn submit_one(device: DeviceIndex, frame: Vec<u8>) -> Result<(), FrameRefusal> {
	let verified = submit([(device, frame)]);
	match verified.skipped.first() {
		None => {
			assert_eq!((verified.frames, verified.readings), (1, 2));
			Ok(())
		}
		Some((position, reason)) => {
			assert_eq!((verified.frames, verified.readings, *position), (0, 0, 0));
			Err(*reason)
		}
	}
}

/// State of a device that is there.
pub fn state(device: DeviceIndex) -> DeviceState {
	Telemetry::state_of(device).expect("the device has a state")
}

/// The last event of this pallet.
pub fn last_event() -> Option<crate::Event<Test>> {
	System::events()
		.into_iter()
		.rev()
		.find_map(|record| match record.event {
			RuntimeEvent::Telemetry(event) => Some(event),
			_ => None,
		})
}

/// The ledger at the start of a test.
#[derive(Default)]
pub struct ExtBuilder {
	batteries: u32,
	devices: u32,
}

impl ExtBuilder {
	/// Batteries 0, 1, … of [`MAKER`], without devices.
	pub fn batteries(mut self, count: u32) -> Self {
		self.batteries = count;
		self
	}

	/// Batteries 0, 1, … of [`MAKER`], each with the BMS of its number, which is its device number too.
	pub fn devices(mut self, count: u32) -> Self {
		self.devices = count;
		self.batteries(count)
	}

	/// Runs the test in block 1 and then checks what always holds of the storage.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build_and_leave_broken(|| {
			test();
			assert_eq!(Telemetry::do_try_state(), Ok(()));
		});
	}

	/// Runs a test that breaks the storage on purpose.
	pub fn build_and_leave_broken(self, test: impl FnOnce()) {
		SuspendedLater::set(vec![]);
		Facts::set(BTreeMap::new());
		Delegations::set(vec![]);
		Recorded::set(vec![]);
		Withdrawn::set(vec![]);
		RecordingRefused::set(None);
		ChainSeconds::set(NOW);
		let genesis = RuntimeGenesisConfig::default()
			.build_storage()
			.expect("the genesis is valid");
		TestExternalities::new(genesis).execute_with(|| {
			System::set_block_number(1);
			frame_system::BlockHash::<Test>::insert(0, H256(GENESIS));
			for number in 0..self.batteries {
				add_passport(number, MAKER);
			}
			for number in 0..self.devices {
				assert_eq!(register(number, number), number);
			}
			System::reset_events();
			test();
		});
	}
}
