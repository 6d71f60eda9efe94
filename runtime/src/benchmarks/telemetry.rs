//! What the calls of the telemetry pallet cost.

use super::{
	setup::{
		bytes32, content_address, council, device, device_key, document, fill_device_page, member,
		next_device, passport, proof_of_possession, set_clock, sign_as_device, signed, NOW_SECONDS,
	},
	setup_passports::{delegated, enlarge, record, OPERATOR},
};
use crate::{AccountId, Block, Passport, Runtime, RuntimeOrigin, System, Telemetry};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use pallet_telemetry::{
	weights::{FULL_FRAMES, SMALL_FRAME_BYTES},
	Anchor, AnchoringSuspended, Anchors, Batch, Call, Conviction, DeviceIndex, FormerKey, FormerKeys,
	FormerKeysOfDevice, LastStatement, StateOfHealthThresholdBp, StreamCount, StreamState, Streams,
	SubmittedFrame, ANCHORS_PRUNED_AT_ONCE, ANCHOR_DISPUTE_PERIOD_BLOCKS, DEVICES_PER_PAGE, MAX_BATCH_BYTES,
	MAX_DEVICES_PER_PASSPORT, MAX_FORMER_KEYS, MAX_FRAMES_PER_BATCH, MAX_STATE_OF_HEALTH_THRESHOLD_BP,
};
use passport_primitives::{
	battery::PassportId,
	ledger::{BatteryDevices as _, OnPassportChanged as _},
	organisation::{OrganisationId, Role, Roles},
	telemetry::{
		anchor::{
			root_of, AnchorId, AnchoredBatch, AnchoredLeaf, DisputedLeaf, InclusionProof, Offence,
			MAX_ANCHORED_LEAVES, MAX_SIBLINGS,
		},
		device::rotation_message,
		frame::{MAX_HEADER_BYTES, MAX_SIGNED_BYTES, SIGNATURE_BYTES},
		statement::ThresholdStatement,
		window::MAX_SEQUENCE_STEP,
		Frame, Header, SignatureScheme, MAX_AHEAD_SECONDS, MAX_FRAME_BYTES,
	},
};
use sp_core::ed25519;

/// The pallet, as a type of this crate: the macro implements a foreign trait for it.
pub struct Pallet<T: Config>(pallet_telemetry::Pallet<T>);

/// The runtime: the setup speaks of its types alone.
pub trait Config:
	frame_system::Config<AccountId = AccountId, Block = Block, RuntimeOrigin = RuntimeOrigin>
	+ pallet_telemetry::Config
{
}

impl Config for Runtime {}

/// Bytes of as many small frames as the most bytes need when frames are large: fewer bytes these frames can not have.
const FEWEST_BYTES: u32 = FULL_FRAMES * SMALL_FRAME_BYTES;

/// The makers of devices have the numbers of members from here on.
const FIRST_MAKER: u32 = 1_000;

/// The keys that a device is given have the numbers from here on: those before are of the battery's other devices.
const FIRST_NEW_KEY: u32 = 100;

/// A device and its key.
type Sender = (DeviceIndex, ed25519::Public);

/// The battery that a device is of.
fn passport_of(number: DeviceIndex) -> PassportId {
	let state = Telemetry::state_of(number).expect("the device is registered");
	state.device.passport
}

/// A frame of this length that the device has signed and that will be taken. What is sealed in it is nothing: the chain does
/// not look.
fn frame((number, public_key): &Sender, sequence: u64, length_bytes: u32) -> Vec<u8> {
	let header = Header {
		scheme: SignatureScheme::Ed25519,
		key_epoch: 0,
		sequence,
		first_seconds: NOW_SECONDS,
		span_seconds: 0,
		count: 1,
	};
	let mut buffer = [0; MAX_HEADER_BYTES];
	let header_bytes = header.encode(&mut buffer).expect("the buffer is long enough");
	let mut bytes = buffer[..header_bytes].to_vec();
	bytes.resize(length_bytes as usize, 0xa5);

	let parsed = Frame::parse(&bytes).expect("it is a frame");
	let mut message = vec![0; MAX_SIGNED_BYTES];
	let message = parsed
		.signed_message(&Telemetry::genesis_hash(), &passport_of(*number), &mut message)
		.expect("the buffer is long enough");
	let signature = sign_as_device(public_key, message);
	let signed_bytes = bytes.len() - SIGNATURE_BYTES;
	bytes[signed_bytes..].copy_from_slice(&signature);
	bytes
}

/// A batch of this many frames with this many bytes together, sorted by device: as many of each as of the others, if that comes
/// out even. The last one leaps as far as a sequence may.
fn batch(senders: &[Sender], frames: u32, bytes: u32) -> Batch {
	let submitted: Vec<_> = (0..frames)
		.map(|n| {
			let sender = &senders[n as usize * senders.len() / frames as usize];
			let sequence = MAX_SEQUENCE_STEP - u64::from(frames - 1 - n);
			// What does not divide evenly is in the first frames.
			let length_bytes = bytes / frames + u32::from(n < bytes % frames);
			SubmittedFrame {
				device: sender.0,
				frame: frame(sender, sequence, length_bytes)
					.try_into()
					.expect("within the bound"),
			}
		})
		.collect();
	submitted.try_into().expect("within the bound")
}

/// Gives a device as many former keys as it can have.
fn give_former_keys(number: DeviceIndex) {
	let former_keys: Vec<_> = (1..=MAX_FORMER_KEYS)
		.map(|n| FormerKey {
			public_key: bytes32("former key", number * MAX_FORMER_KEYS + n),
			below_sequence: n.into(),
		})
		.collect();
	let former_keys: FormerKeysOfDevice = former_keys.try_into().expect("within the bound");
	FormerKeys::<Runtime>::insert(number, former_keys);
}

/// This many devices of a battery that were revoked, each on a page of its own, which is full, and with as many former keys as it
/// can have.
fn revoked_devices(operator: &AccountId, passport: PassportId, count: u32) {
	for n in 1..=count {
		let (number, _) = device(operator, passport, n);
		give_former_keys(number);
		Telemetry::revoke_device(signed(operator), number).expect("the device is revoked");
	}
}

/// This many devices of one maker, each on a page of its own, which is full.
fn on_pages(count: u32) -> Vec<Sender> {
	let (_, maker) = member(FIRST_MAKER, OPERATOR);
	(0..count)
		.map(|n| device(&maker, passport(&maker, n), n))
		.collect()
}

/// As many devices as a batch has frames at most, on as few pages as hold them, of this many makers.
fn of_makers(count: u32) -> Vec<Sender> {
	let makers: Vec<_> = (0..count).map(|n| member(FIRST_MAKER + n, OPERATOR).1).collect();
	fill_device_page(0);
	(0..MAX_FRAMES_PER_BATCH)
		.map(|n| {
			let maker = &makers[(n * count / MAX_FRAMES_PER_BATCH) as usize];
			next_device(maker, passport(maker, n), n)
		})
		.collect()
}

/// That so many frames of these devices were taken.
fn assert_taken(senders: &[Sender], frames: u32) {
	let taken = senders
		.iter()
		.filter_map(|(number, _)| Telemetry::state_of(*number))
		.map(|state| state.frames);
	assert_eq!(taken.sum::<u32>(), frames);
}

/// Proof that a device holds the key that it is to sign with from a sequence on, and its present key's consent.
fn rotation_proofs(
	public_key: &ed25519::Public,
	present: &ed25519::Public,
	passport: &PassportId,
	from_sequence: u64,
) -> [[u8; 64]; 2] {
	let message = rotation_message(&Telemetry::genesis_hash(), passport, &public_key.0, from_sequence);
	[public_key, present].map(|key| sign_as_device(key, &message))
}

/// The first leaf of an anchor with as many leaves as there can be, and the longest proof of it: it is on the left all the way up.
fn shown(bridge: OrganisationId, number: u64, leaf: AnchoredLeaf) -> DisputedLeaf {
	let siblings: Vec<_> = (0..MAX_SIBLINGS).map(|n| bytes32("sibling", n)).collect();
	let root = siblings
		.iter()
		.fold(leaf.hash(), |node, sibling| root_of(&[node, *sibling]));
	let anchor = AnchorId {
		bridge,
		stream: 0,
		number,
	};
	insert_anchor(anchor, root);
	DisputedLeaf {
		anchor,
		leaf,
		proof: InclusionProof {
			index: 0,
			siblings: siblings.try_into().expect("within the bound"),
		},
	}
}

/// Puts an anchor on the ledger, with as many leaves as there can be.
fn insert_anchor(id: AnchorId, root: [u8; 32]) {
	let anchor = Anchor {
		root,
		leaves: MAX_ANCHORED_LEAVES,
		readings: MAX_ANCHORED_LEAVES.into(),
		content: content_address(0),
		anchored_at: System::block_number(),
		offence: None,
	};
	Anchors::<Runtime>::insert(id, anchor);
}

/// Puts a stream of so many anchors on the ledger that are past all use to disputes, the only one of its bridge.
fn insert_old_stream(bridge: OrganisationId, anchors: u32) {
	for number in 0..u64::from(anchors) {
		let id = AnchorId {
			bridge,
			stream: 0,
			number,
		};
		insert_anchor(id, [0; 32]);
	}
	let state = StreamState {
		next_number: anchors.into(),
		oldest_number: 0,
	};
	Streams::<Runtime>::insert(bridge, 0, state);
	StreamCount::<Runtime>::insert(bridge, 1);
	System::set_block_number(System::block_number() + 2 * ANCHOR_DISPUTE_PERIOD_BLOCKS + 1);
}

/// The longest leaf, of this device, signed by a key that is none of a device's.
fn forged_leaf(device: DeviceIndex) -> AnchoredLeaf {
	AnchoredLeaf {
		device,
		frame: frame(&(device, device_key(u32::MAX)), 1, MAX_FRAME_BYTES as u32)
			.try_into()
			.expect("within the bound"),
	}
}

// No variable below has the name of a benchmark: the macro makes a type of each.
#[benchmarks]
mod benchmarks {
	use super::*;

	// The last device that the passport has room for: the key is compared with all that the ones before it had. A delegate takes
	// three reads more, and registers two devices fewer.
	#[benchmark]
	fn register_device() {
		let (passport, operator, _) = delegated();
		revoked_devices(&operator, passport, MAX_DEVICES_PER_PASSPORT - 1);
		let number = fill_device_page(DEVICES_PER_PAGE - 1);
		let public_key = device_key(0);
		let proof = proof_of_possession(&public_key, &passport);

		#[extrinsic_call]
		_(signed(&operator), passport, public_key.0, proof);

		let devices: Vec<_> = Passport::devices(&passport).collect();
		assert_eq!(devices.len(), MAX_DEVICES_PER_PASSPORT as usize);
		assert_eq!(devices.last(), Some(&number));
		assert!(Telemetry::active_device_of(&passport).is_some());
	}

	// By a delegate of the operator's. What was stated of the battery is withdrawn.
	#[benchmark]
	fn revoke_device() {
		let (passport, operator, (_, delegate)) = delegated();
		let (number, _): (DeviceIndex, _) = device(&operator, passport, 0);

		#[extrinsic_call]
		_(signed(&delegate), number);

		assert!(Telemetry::active_device_of(&passport).is_none());
		assert!(record(passport)
			.threshold
			.is_none_or(|standing| standing.withdrawn));
	}

	// The last rotation that the last device has room for, by a delegate of the operator's.
	#[benchmark]
	fn rotate_device_key() {
		let (passport, operator, (_, delegate)) = delegated();
		revoked_devices(&operator, passport, MAX_DEVICES_PER_PASSPORT - 1);
		let (number, mut present): Sender = device(&operator, passport, 0);
		for n in 1..MAX_FORMER_KEYS {
			let public_key = device_key(FIRST_NEW_KEY + n);
			let [proof, consent] = rotation_proofs(&public_key, &present, &passport, n.into());
			Telemetry::rotate_device_key(signed(&operator), number, public_key.0, n.into(), proof, consent)
				.expect("the key is rotated");
			present = public_key;
		}
		let public_key = device_key(FIRST_NEW_KEY + MAX_FORMER_KEYS);
		let from_sequence = u64::from(MAX_FORMER_KEYS);
		let [proof, consent] = rotation_proofs(&public_key, &present, &passport, from_sequence);

		#[extrinsic_call]
		_(
			signed(&delegate),
			number,
			public_key.0,
			from_sequence,
			proof,
			consent,
		);

		let former_keys = FormerKeys::<Runtime>::get(number);
		assert_eq!(former_keys.len(), MAX_FORMER_KEYS as usize);
	}

	// By the last device that the passport has room for, on a page of its own as the one that it replaces is. What was stated of
	// the battery is withdrawn.
	#[benchmark]
	fn replace_device() {
		let (passport, operator, _) = delegated();
		revoked_devices(&operator, passport, MAX_DEVICES_PER_PASSPORT - 2);
		let (replaced, _) = device(&operator, passport, MAX_DEVICES_PER_PASSPORT);
		give_former_keys(replaced);
		// Revoking the others has withdrawn it.
		enlarge(passport);
		let number = fill_device_page(DEVICES_PER_PAGE - 1);
		let public_key = device_key(0);
		let proof = proof_of_possession(&public_key, &passport);

		#[extrinsic_call]
		_(signed(&operator), replaced, public_key.0, proof);

		let active = Telemetry::active_device_of(&passport).map(|(device, _)| device);
		assert_eq!(active, Some(number));
		assert!(record(passport)
			.threshold
			.is_none_or(|standing| standing.withdrawn));
	}

	// By a delegate of the operator's. What was stated of the battery is withdrawn.
	#[benchmark]
	fn reset_device() {
		let (passport, operator, (_, delegate)) = delegated();
		set_clock();
		let (number, _): Sender = device(&operator, passport, 0);
		LastStatement::<Runtime>::insert(number, NOW_SECONDS - 1);

		#[extrinsic_call]
		_(signed(&delegate), number, document(0));

		assert_eq!(
			LastStatement::<Runtime>::get(number),
			NOW_SECONDS + MAX_AHEAD_SECONDS
		);
		let key_epoch = Telemetry::state_of(number).map(|state| state.key_epoch);
		assert_eq!(key_epoch, Some(1));
		assert!(record(passport)
			.threshold
			.is_none_or(|standing| standing.withdrawn));
	}

	// The page of the last device that the passport has room for is written.
	#[benchmark]
	fn passport_changed() {
		let (passport, operator, _) = delegated();
		let (mut number, _) = device(&operator, passport, 1);
		for n in 2..=MAX_DEVICES_PER_PASSPORT {
			Telemetry::revoke_device(signed(&operator), number).expect("the device is revoked");
			(number, _) = device(&operator, passport, n);
		}
		let mut facts = record(passport).facts();
		facts.responsible_operator = OrganisationId(u32::MAX);

		#[block]
		{
			Telemetry::on_passport_changed(&passport, &facts);
		}

		let told = Telemetry::state_of(number).map(|state| state.responsible_operator);
		assert_eq!(told, Some(facts.responsible_operator));
	}

	// Every frame is taken, in all of the four. Here all are small and of one device: what bytes, pages and operators cost is
	// measured below, and `WeightInfo::batch` adds it.
	#[benchmark]
	fn submit_frames(f: Linear<1, MAX_FRAMES_PER_BATCH>) {
		let (_, bridge) = member(0, Roles::of(&[Role::BridgeOperator]));
		set_clock();
		let senders = on_pages(1);
		let frames = batch(&senders, f, f * SMALL_FRAME_BYTES);

		#[extrinsic_call]
		_(signed(&bridge), frames);

		assert_taken(&senders, f);
	}

	// As few frames as can have the most bytes, so that signatures do not hide what a byte costs. Of this the weight uses the slope
	// alone, which holds below the range as well.
	#[benchmark]
	fn submit_frames_bytes(b: Linear<FEWEST_BYTES, MAX_BATCH_BYTES>) {
		let (_, bridge) = member(0, Roles::of(&[Role::BridgeOperator]));
		set_clock();
		let senders = on_pages(1);
		let frames = batch(&senders, FULL_FRAMES, b);
		assert_eq!(Telemetry::bytes_of(&frames), b);

		#[extrinsic_call]
		submit_frames(signed(&bridge), frames);

		assert_taken(&senders, FULL_FRAMES);
	}

	// Always as many frames, of more and more devices, each on a page of its own: of this as well the slope alone is used.
	#[benchmark]
	fn submit_frames_pages(p: Linear<1, MAX_FRAMES_PER_BATCH>) {
		let (_, bridge) = member(0, Roles::of(&[Role::BridgeOperator]));
		set_clock();
		let senders = on_pages(p);
		let frames = batch(
			&senders,
			MAX_FRAMES_PER_BATCH,
			MAX_FRAMES_PER_BATCH * SMALL_FRAME_BYTES,
		);
		assert_eq!(Telemetry::pages_of(&frames), p);

		#[extrinsic_call]
		submit_frames(signed(&bridge), frames);

		assert_taken(&senders, MAX_FRAMES_PER_BATCH);
	}

	// Always as many frames and pages, of more and more makers, each with 16 accounts: an organisation is larger than what a device
	// has of former keys. Of this as well the slope alone is used.
	#[benchmark]
	fn submit_frames_lookups(l: Linear<1, MAX_FRAMES_PER_BATCH>) {
		let (_, bridge) = member(0, Roles::of(&[Role::BridgeOperator]));
		set_clock();
		let senders = of_makers(l);
		let frames = batch(
			&senders,
			MAX_FRAMES_PER_BATCH,
			MAX_FRAMES_PER_BATCH * SMALL_FRAME_BYTES,
		);

		#[extrinsic_call]
		submit_frames(signed(&bridge), frames);

		assert_taken(&senders, MAX_FRAMES_PER_BATCH);
	}

	// It says the opposite of what was stated last, so that the history is written as well.
	#[benchmark]
	fn submit_threshold_statement() {
		let (passport, operator, _) = delegated();
		let (_, brought_by) = member(0, Roles::ANY);
		set_clock();
		let (number, public_key) = device(&operator, passport, 0);
		LastStatement::<Runtime>::insert(number, NOW_SECONDS - 1);
		let threshold_bp = MAX_STATE_OF_HEALTH_THRESHOLD_BP;
		Telemetry::set_state_of_health_threshold(council(), threshold_bp).expect("the threshold is set");
		let statement = ThresholdStatement {
			threshold_bp,
			at_or_above: false,
			made_at_seconds: NOW_SECONDS,
		};
		let message = statement.message(&Telemetry::genesis_hash(), &passport);
		let signature = sign_as_device(&public_key, &message);

		#[extrinsic_call]
		_(signed(&brought_by), number, statement, signature);

		assert_eq!(LastStatement::<Runtime>::get(number), NOW_SECONDS);
		let standing =
			pallet_passport::Passports::<Runtime>::get(passport).and_then(|record| record.threshold);
		assert!(standing.is_some_and(|standing| !standing.at_or_above));
	}

	#[benchmark]
	fn set_state_of_health_threshold() {
		let threshold_bp = MAX_STATE_OF_HEALTH_THRESHOLD_BP;

		#[extrinsic_call]
		_(council(), threshold_bp);

		assert_eq!(StateOfHealthThresholdBp::<Runtime>::get(), threshold_bp);
	}

	// The stream has had three anchors, all past use: two of them leave the ledger.
	#[benchmark]
	fn anchor_batch() {
		let (bridge, account) = member(0, Roles::of(&[Role::BridgeOperator]));
		insert_old_stream(bridge, 3);
		let anchor = AnchoredBatch {
			stream: 0,
			number: 3,
			root: [1; 32],
			leaves: MAX_ANCHORED_LEAVES,
			readings: MAX_ANCHORED_LEAVES.into(),
			content: content_address(0),
		};

		#[extrinsic_call]
		_(signed(&account), anchor);

		let there = [0, 1, 2, 3].map(|number| {
			Anchors::<Runtime>::contains_key(AnchorId {
				bridge,
				stream: 0,
				number,
			})
		});
		assert_eq!(there, [false, false, true, true]);
	}

	// The longest leaf with the longest proof, and none of as many keys as a device can have had has signed it.
	#[benchmark]
	fn dispute_signature() {
		let (bridge, account) = member(0, Roles::of(&[Role::BridgeOperator]));
		let (_, maker) = member(FIRST_MAKER, OPERATOR);
		let (number, _): Sender = device(&maker, passport(&maker, 0), 0);
		give_former_keys(number);
		let DisputedLeaf { anchor, leaf, proof } = shown(bridge, 0, forged_leaf(number));

		#[extrinsic_call]
		_(signed(&account), anchor, leaf, proof);

		let convicted = AnchoringSuspended::<Runtime>::get(bridge).map(|conviction| conviction.offence);
		assert_eq!(convicted, Some(Offence::BadSignature));
	}

	// The longest leaves with the longest proofs, in two anchors.
	#[benchmark]
	fn dispute_replay() {
		let (bridge, account) = member(0, Roles::of(&[Role::BridgeOperator]));
		let first = shown(bridge, 0, forged_leaf(0));
		let second = shown(bridge, 1, forged_leaf(0));

		#[extrinsic_call]
		_(signed(&account), first, second);

		let convicted = AnchoringSuspended::<Runtime>::get(bridge).map(|conviction| conviction.offence);
		assert_eq!(convicted, Some(Offence::Replay));
	}

	#[benchmark]
	fn allow_anchoring() {
		let bridge = OrganisationId(1);
		let conviction = Conviction {
			anchor: AnchorId {
				bridge,
				stream: 0,
				number: 0,
			},
			offence: Offence::Replay,
		};
		AnchoringSuspended::<Runtime>::insert(bridge, conviction);

		#[extrinsic_call]
		_(council(), bridge);

		assert!(!AnchoringSuspended::<Runtime>::contains_key(bridge));
	}

	// All that the stream has: it counts no more against its bridge's bound.
	#[benchmark]
	fn prune_anchors(n: Linear<1, ANCHORS_PRUNED_AT_ONCE>) {
		let (bridge, account) = member(0, Roles::of(&[Role::BridgeOperator]));
		insert_old_stream(bridge, n);

		#[extrinsic_call]
		_(signed(&account), bridge, 0);

		assert_eq!(Anchors::<Runtime>::iter().count(), 0);
		assert!(!StreamCount::<Runtime>::contains_key(bridge));
	}

	impl_benchmark_test_suite!(Pallet, crate::benchmarks::chain(), crate::Runtime);
}
