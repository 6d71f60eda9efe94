use crate::{
	finality::{MAX_DELAY_BLOCKS, MIN_DELAY_BLOCKS, MIN_LAG_BLOCKS},
	mock::*,
	Error, Event, Stalled,
};
use codec::Decode;
use frame_support::{assert_noop, assert_ok};
use sp_consensus_grandpa::{ConsensusLog, ScheduledChange, GRANDPA_ENGINE_ID};
use sp_runtime::DispatchError;

const DELAY: u64 = MIN_DELAY_BLOCKS as u64;
const LAG: u64 = MIN_LAG_BLOCKS as u64;

/// Runs blocks up to the first after this one with room for two sessions of one block each before the next periodic end.
fn run_to(block: u64) {
	while System::block_number() < block || System::block_number() % SESSION != 1 {
		run_block();
	}
}

/// The changes that GRANDPA has signalled to nodes as forced.
fn forced_changes() -> Vec<(u64, ScheduledChange<u64>)> {
	System::digest()
		.logs
		.iter()
		.filter_map(|log| log.as_consensus())
		.filter(|(engine, _)| *engine == GRANDPA_ENGINE_ID)
		.filter_map(|(_, mut bytes)| ConsensusLog::decode(&mut bytes).ok())
		.filter_map(ConsensusLog::try_into_forced_change)
		.collect()
}

#[test]
fn two_of_four_that_are_gone_are_replaced_and_the_new_set_gets_finality() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			run_to(100);
			set_keys(6);
			set_keys(7);
			let session = Session::current_index();
			// One motion.
			assert_ok!(Validators::replace_validator(RuntimeOrigin::root(), 3, 6));
			assert_ok!(Validators::replace_validator(RuntimeOrigin::root(), 4, 7));
			assert_ok!(Validators::note_stalled(RuntimeOrigin::root(), 40, DELAY));
			assert_eq!(
				last_event(),
				Event::FinalityStalled {
					best_finalised: 40,
					delay_blocks: DELAY,
					session: session + 2
				}
				.into()
			);
			run_block();
			assert_eq!(Session::current_index(), session + 1);
			assert_eq!(taking_part(), [1, 2, 3, 4]);
			assert!(forced_changes().is_empty());
			run_block();
			assert_eq!(Session::current_index(), session + 2);
			assert_eq!(taking_part(), [1, 2, 6, 7]);
			assert_eq!(
				forced_changes(),
				[(
					40,
					ScheduledChange {
						next_authorities: grandpa_authorities_of(&[1, 2, 6, 7]),
						delay: DELAY
					}
				)]
			);
			assert!(!Stalled::<Test>::exists());
			// Sessions have their length again, and those that pass meanwhile do not disturb the change.
			run_block();
			assert_eq!(Session::current_index(), session + 2);
			assert_eq!(
				Grandpa::grandpa_authorities(),
				grandpa_authorities_of(&[1, 2, 3, 4])
			);
			for _ in 1..DELAY {
				run_block();
			}
			assert!(Session::current_index() > session + 2);
			assert_eq!(
				Grandpa::grandpa_authorities(),
				grandpa_authorities_of(&[1, 2, 6, 7])
			);
			assert_eq!(forced_changes().len(), 1);
		});
}

#[test]
fn only_the_council_gives_finality_to_another_set() {
	ExtBuilder::default().build_and_execute(|| {
		run_to(100);
		for account in [1, STRANGER] {
			assert_noop!(
				Validators::note_stalled(RuntimeOrigin::signed(account), 1, DELAY),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn finality_has_to_lag() {
	ExtBuilder::default().build_and_execute(|| {
		run_to(100);
		let now = System::block_number();
		for best_finalised in [now - LAG + 1, now, now + 1, u64::MAX] {
			assert_noop!(
				Validators::note_stalled(RuntimeOrigin::root(), best_finalised, DELAY),
				Error::<Test>::NotStalled
			);
		}
		assert_ok!(Validators::note_stalled(RuntimeOrigin::root(), now - LAG, DELAY));
		next_session();
		next_session();
	});
}

#[test]
fn the_delay_is_neither_too_short_for_the_signal_nor_longer_than_half_a_session() {
	ExtBuilder::default().build_and_execute(|| {
		run_to(100);
		let most = u64::from(MAX_DELAY_BLOCKS);
		for delay in [0, DELAY - 1, most + 1, u64::MAX] {
			assert_noop!(
				Validators::note_stalled(RuntimeOrigin::root(), 1, delay),
				Error::<Test>::InvalidDelay
			);
		}
		assert_ok!(Validators::note_stalled(RuntimeOrigin::root(), 1, most));
	});
}

#[test]
fn one_hand_over_waits_at_a_time() {
	ExtBuilder::default().build_and_execute(|| {
		run_to(100);
		assert_ok!(Validators::note_stalled(RuntimeOrigin::root(), 1, DELAY));
		assert_noop!(
			Validators::note_stalled(RuntimeOrigin::root(), 1, DELAY),
			Error::<Test>::HandOverPending
		);
	});
}
