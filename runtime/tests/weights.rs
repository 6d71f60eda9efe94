//! The measured weights, held against the bounds: at its largest no call takes more than a quarter of a block, and none costs far
//! less than the storage access that was counted by hand for its worst case. A benchmark that forgot the worst case shows here.
//! What a call carries little of is not charged as if it carried the most.

use frame_support::{
	dispatch::GetDispatchInfo,
	traits::{Get, GetCallMetadata},
	weights::{
		constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_MILLIS},
		Weight,
	},
	BoundedVec,
};
use pallet_access_grant::{GrantId, GrantsOf, MAX_DEMANDING_AUTHORITIES};
use pallet_documents::{Counts, MAX_DOCUMENTS_PER_PASSPORT};
use pallet_passport::{CommitmentUpdate, Consent, NewPassport, Passport, Passports, MAX_BATCH, MAX_LINKS};
use pallet_telemetry::{
	SubmittedFrame, DEVICES_PER_PAGE, MAX_BATCH_BYTES, MAX_DEVICES_PER_PASSPORT, MAX_FRAMES_PER_BATCH,
};
use passport_primitives::{
	battery::{Category, Commitment, PassportId},
	data_set::DataSet,
	ledger::{AuthorityEnvelope, ENVELOPE_BYTES},
	life_cycle::{Publication, SecondLife, Status},
	organisation::OrganisationId,
};
use passport_runtime::{weights, AccountId, ClosingWeight, Runtime, RuntimeCall};
use sp_core::sr25519;
use sp_runtime::{traits::Convert, MultiSignature};

/// A function of a pallet's weights, measured and counted, at the largest parameters.
type Case = (&'static str, Weight, Weight);

macro_rules! cases {
	($pallet:ident, $module:ident: $($function:ident($($parameter:expr),*)),* $(,)?) => {{
		use $pallet::weights::{CountedWeight, WeightInfo};
		vec![$((
			concat!(stringify!($module), "::", stringify!($function)),
			weights::$module::Measured::<Runtime>::$function($($parameter),*),
			CountedWeight::<Runtime>::$function($($parameter),*),
		)),*]
	}};
}

fn all() -> Vec<Case> {
	[
		cases!(pallet_organisations, organisations:
			admit(), change_organisation(), remove(), link_account(), link_account_by_council(), unlink_account(), set_quota(),
			authorize_upgrade(), check_membership(101, 75),
		),
		cases!(pallet_validators, validators:
			add_validator(100), remove_validator(100, 2), replace_validator(100, 2), note_stalled(), purge_keys(2),
			offender(100, 2), member_stopped(100, 2), on_initialize(),
		),
		cases!(pallet_passport, passport:
			register(), update_commitment(), record_event(), delegate(), end_delegation(), derive(16, 16),
			hand_over_to_waste_operator(), close_as_recycled(256), take_over(), override_threshold(),
			register_recycling_batch(), amend_recycling_batch(), register_many(32), update_many(32), record_many(32),
			accept_waste_hand_over(), withdraw_waste_hand_over(), may_act(), set_owner(), record_threshold_statement(),
		),
		cases!(pallet_ownership_transfer, ownership_transfer:
			offer(32), accept(32), reject(32), cancel(32), clear_expired(32),
		),
		cases!(pallet_access_grant, access_grant:
			request(), approve(), deny(), revoke(), set_access(), set_purpose(), set_demanding_authorities(),
			deposit_envelopes(), clear_expired(), renew_envelope(), envelopes_deposited(8), envelopes_due(),
			passport_closed(64),
		),
		cases!(pallet_telemetry, telemetry:
			register_device(), revoke_device(), rotate_device_key(), replace_device(), reset_device(), passport_changed(),
			submit_frames(256), submit_frames_bytes(262_144), submit_frames_pages(256), submit_frames_lookups(512),
			batch(256, 262_144, 256, 512),
			submit_threshold_statement(), set_state_of_health_threshold(),
			anchor_batch(), dispute_signature(), dispute_replay(), allow_anchoring(), prune_anchors(64),
		),
		cases!(pallet_documents, documents: anchor(), withdraw(), on_passport_closed()),
	]
	.concat()
}

#[test]
fn no_call_takes_more_than_a_quarter_of_a_block_at_its_largest() {
	let block = <Runtime as frame_system::Config>::BlockWeights::get().max_block;
	for (name, measured, _) in all() {
		assert!(
			measured.ref_time() * 4 <= block.ref_time(),
			"{name}: {} of {} picoseconds",
			measured.ref_time(),
			block.ref_time()
		);
	}
}

#[test]
fn no_call_costs_far_less_than_was_counted_for_its_worst_case() {
	for (name, measured, counted) in all() {
		println!(
			"{name}: {:.3} ms measured, {:.3} ms counted",
			measured.ref_time() as f64 / 1e9,
			counted.ref_time() as f64 / 1e9
		);
		assert!(
			measured.ref_time() * 2 >= counted.ref_time(),
			"{name}: {measured:?} measured, {counted:?} counted"
		);
	}
}

/// What is charged for a call before it is dispatched, in picoseconds: with what it adds for other pallets, without extensions.
fn charged(call: &RuntimeCall) -> u64 {
	call.get_dispatch_info().call_weight.ref_time()
}

/// A passport that comes with every envelope of this many authorities.
fn new_passport(authorities: u32) -> NewPassport {
	let envelopes: Vec<_> = (0..authorities)
		.flat_map(|number| {
			[DataSet::Composition, DataSet::TestReports, DataSet::Individual].map(|data_set| {
				AuthorityEnvelope {
					authority: OrganisationId(number),
					data_set,
					bytes: [1; ENVELOPE_BYTES],
				}
			})
		})
		.collect();
	NewPassport {
		unique_identifier: BoundedVec::truncate_from(b"https://id.example/21/1".to_vec()),
		alias: None,
		category: Category::ElectricVehicle,
		commitments: [Some(Commitment([1; 32])); 4],
		content_address: None,
		envelopes: envelopes.try_into().expect("within the bound"),
	}
}

fn register(authorities: u32) -> RuntimeCall {
	RuntimeCall::Passport(pallet_passport::Call::register {
		new: new_passport(authorities),
	})
}

/// A batch of frames of these devices, of this many bytes each.
fn submit_frames_of(devices: impl IntoIterator<Item = u32>, bytes: u32) -> RuntimeCall {
	let frames: Vec<_> = devices
		.into_iter()
		.map(|device| SubmittedFrame {
			device,
			frame: BoundedVec::truncate_from(vec![0; bytes as usize]),
		})
		.collect();
	RuntimeCall::Telemetry(pallet_telemetry::Call::submit_frames {
		frames: BoundedVec::truncate_from(frames),
	})
}

/// A batch of this many frames of one device, of this many bytes each.
fn submit_frames(frames: u32, bytes: u32) -> RuntimeCall {
	submit_frames_of((0..frames).map(|_| 0), bytes)
}

#[test]
fn no_call_that_pays_for_other_pallets_is_charged_more_than_a_quarter_of_a_block() {
	use pallet_organisations::Call as Organisations;
	use pallet_passport::Call as Passport;

	let organisation = OrganisationId(0);
	let passport = PassportId([1; 32]);
	let consent = Consent {
		account: AccountId::from([1u8; 32]),
		signature: MultiSignature::Sr25519(sr25519::Signature::from_raw([1; 64])),
		expires_at: 0,
	};
	let update = CommitmentUpdate {
		passport,
		data_set: DataSet::Model,
		commitment: Commitment([1; 32]),
		content_address: None,
	};
	let calls = [
		RuntimeCall::Passport(Passport::register_many {
			passports: BoundedVec::truncate_from(vec![
				new_passport(MAX_DEMANDING_AUTHORITIES);
				MAX_BATCH as usize
			]),
		}),
		RuntimeCall::Passport(Passport::update_many {
			updates: BoundedVec::truncate_from(vec![update; MAX_BATCH as usize]),
		}),
		RuntimeCall::Passport(Passport::derive {
			predecessors: BoundedVec::truncate_from(vec![passport; MAX_LINKS as usize]),
			operation: SecondLife::Remanufacturing,
			new: new_passport(MAX_DEMANDING_AUTHORITIES),
			consents: BoundedVec::truncate_from(vec![consent; MAX_LINKS as usize]),
		}),
		RuntimeCall::Passport(Passport::close_as_recycled {
			passport,
			batch: Default::default(),
			evidence: Default::default(),
		}),
		RuntimeCall::Organisations(Organisations::suspend { organisation }),
		RuntimeCall::Organisations(Organisations::remove { organisation }),
		// Each frame of a page of its own.
		submit_frames_of(
			(0..MAX_FRAMES_PER_BATCH).map(|page| page * DEVICES_PER_PAGE),
			MAX_BATCH_BYTES / MAX_FRAMES_PER_BATCH,
		),
	];
	let block = <Runtime as frame_system::Config>::BlockWeights::get().max_block;
	for call in calls {
		let picoseconds = charged(&call);
		assert!(
			picoseconds * 4 <= block.ref_time(),
			"{picoseconds} picoseconds: {:?}",
			call.get_call_metadata()
		);
	}
}

#[test]
fn a_registration_is_charged_for_the_envelopes_that_it_brings() {
	let [none, one, two, all] = [0, 1, 2, MAX_DEMANDING_AUTHORITIES].map(|count| charged(&register(count)));
	// 14 reads and the writes are those of registering. 22 reads tell what is due to every authority that can be named.
	let storage = RocksDbWeight::get().reads_writes(14 + 22, 4).ref_time();
	assert!(
		none < storage + WEIGHT_REF_TIME_PER_MILLIS,
		"{none} picoseconds, {storage} of them for the storage"
	);
	assert!(
		none <= one && one <= two && two < all,
		"{none}, {one}, {two}, {all}"
	);
}

#[test]
fn a_batch_is_charged_for_the_frames_and_bytes_that_it_has() {
	let one = charged(&submit_frames(1, 100));
	assert!(one < WEIGHT_REF_TIME_PER_MILLIS, "{one} picoseconds");
	let [small, large] = [100, 4_096].map(|bytes| charged(&submit_frames(64, bytes)));
	assert!(
		16 * one < small && small < large,
		"one of 100 bytes {one}, 64 of them {small}, 64 of 4,096 bytes {large}"
	);
}

#[test]
fn a_batch_is_charged_for_the_pages_that_it_turns_to_as_it_is_sent() {
	let page = RocksDbWeight::get().reads_writes(1, 1).ref_time();
	let devices = 64;
	let neighbours = charged(&submit_frames_of(0..devices, 100));
	// The same devices, but no two of a page in a row.
	let shuffled = (0..devices).map(|n| n % 4 * DEVICES_PER_PAGE + n / 4);
	let shuffled = charged(&submit_frames_of(shuffled, 100));
	let scattered = charged(&submit_frames_of((0..devices).map(|n| n * DEVICES_PER_PAGE), 100));
	assert!(
		neighbours + 60 * page <= shuffled,
		"{neighbours} picoseconds sorted, {shuffled} shuffled"
	);
	assert_eq!(shuffled, scattered);
}

/// A passport of a battery with so many devices.
fn with_devices(count: u32) -> Passport<u32> {
	Passport {
		unique_identifier: BoundedVec::new(),
		alias: None,
		category: Category::ElectricVehicle,
		manufacturer: OrganisationId(0),
		responsible_operator: OrganisationId(0),
		owner: OrganisationId(0),
		operated_by: OrganisationId(0),
		status: Status::Waste,
		publication: Publication::Active,
		threshold: None,
		overridden_at: None,
		commitments: [None; 4],
		content_address: None,
		version: 1,
		predecessors: BoundedVec::new(),
		successors: BoundedVec::new(),
		history_head: [0; 32],
		history_length: 1,
		registered_at: 0,
		devices: BoundedVec::truncate_from((0..count).collect()),
	}
}

#[test]
fn closing_is_charged_for_what_is_kept_under_the_passport() {
	sp_io::TestExternalities::default().execute_with(|| {
		let passport = PassportId([7; 32]);
		let most: Weight = ClosingWeight::get();
		let kept = || ClosingWeight::convert(passport).ref_time();
		let nothing = kept();
		assert!(
			nothing * 10 < most.ref_time(),
			"{nothing} picoseconds with nothing"
		);

		Passports::<Runtime>::insert(passport, with_devices(1));
		let device = kept();
		GrantsOf::<Runtime>::mutate(passport, |grants| {
			*grants = BoundedVec::truncate_from(vec![GrantId(0)]);
		});
		let grant = kept();
		Counts::<Runtime>::mutate(passport, |count| count.anchored = 1);
		let document = kept();
		assert!(
			nothing < device && device < grant && grant < document,
			"{nothing}, {device}, {grant}, {document}"
		);

		Passports::<Runtime>::insert(passport, with_devices(MAX_DEVICES_PER_PASSPORT));
		// As many as there is room for.
		GrantsOf::<Runtime>::mutate(passport, |grants| {
			*grants = BoundedVec::truncate_from((0..1_000).map(GrantId).collect());
		});
		Counts::<Runtime>::mutate(passport, |count| count.anchored = MAX_DOCUMENTS_PER_PASSPORT);
		assert_eq!(ClosingWeight::convert(passport), most);
	});
}
