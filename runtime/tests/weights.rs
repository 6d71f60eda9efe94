//! The measured weights, held against the bounds: at its largest no call takes more than a quarter of a block, and none costs far
//! less than the storage access that was counted by hand for its worst case. A benchmark that forgot the worst case shows here.

use frame_support::weights::Weight;
use passport_runtime::{weights, Runtime};

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
			add_validator(100), remove_validator(2), replace_validator(100, 2), note_stalled(), purge_keys(2), offender(2),
			member_stopped(2), on_initialize(),
		),
		cases!(pallet_passport, passport:
			register(), update_commitment(), record_event(), delegate(), end_delegation(), derive(16, 16),
			hand_over_to_waste_operator(), close_as_recycled(256), take_over(), override_threshold(),
			register_recycling_batch(), amend_recycling_batch(), register_many(32), update_many(32), record_many(32),
			may_act(), set_owner(), record_threshold_statement(),
		),
		cases!(pallet_ownership_transfer, ownership_transfer:
			offer(32), accept(32), reject(32), cancel(32), clear_expired(32),
		),
		cases!(pallet_access_grant, access_grant:
			request(), approve(), deny(), revoke(), set_access(), set_purpose(), set_demanding_authorities(),
			deposit_envelopes(), clear_expired(), renew_envelope(), envelopes_deposited(), envelopes_due(),
			passport_closed(64),
		),
		cases!(pallet_telemetry, telemetry:
			register_device(), revoke_device(), submit_frames(256, 262_144), submit_threshold_statement(),
			set_state_of_health_threshold(),
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
