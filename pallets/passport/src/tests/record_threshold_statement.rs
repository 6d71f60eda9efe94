use super::*;
use crate::history::KEPT_FROM_HAND;

fn statement(passport: PassportId, at_or_above: bool, threshold_bp: u16) -> Result<(), PassportRefusal> {
	Passport::record_threshold_statement(&passport, at_or_above, threshold_bp, EVIDENCE)
}

fn standing(passport: PassportId) -> Option<ThresholdStanding<u64>> {
	record(passport).threshold
}

#[test]
fn what_the_device_states_stands_and_no_value_is_shown() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		System::set_block_number(5);
		assert_eq!(statement(passport, true, 7_000), Ok(()));
		assert_eq!(
			standing(passport),
			Some(ThresholdStanding {
				at_or_above: true,
				threshold_bp: 7_000,
				stated_at: 5,
				withdrawn: false,
			})
		);
		let operator = organisation(MAKER);
		assert_eq!(
			last_entries(passport),
			[(HistoryKind::ThresholdHeld, operator, Some(EVIDENCE))]
		);

		System::set_block_number(6);
		assert_eq!(statement(passport, false, 7_000), Ok(()));
		assert_eq!(
			standing(passport),
			Some(ThresholdStanding {
				at_or_above: false,
				threshold_bp: 7_000,
				stated_at: 6,
				withdrawn: false,
			})
		);
		assert_eq!(
			last_entries(passport),
			[(
				HistoryKind::Event(EventKind::SohThreshold),
				operator,
				Some(EVIDENCE)
			)]
		);
	});
}

#[test]
fn the_same_statement_again_only_counts_for_longer() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for at_or_above in [true, false] {
			assert_eq!(statement(passport, at_or_above, 7_000), Ok(()));
			let before = record(passport);
			System::set_block_number(System::block_number() + 9);
			assert_eq!(statement(passport, at_or_above, 7_000), Ok(()));
			assert_eq!(record(passport).history_head, before.history_head);
			assert_eq!(
				standing(passport).map(|standing| standing.stated_at),
				Some(System::block_number())
			);
		}
	});
}

#[test]
fn a_statement_about_another_threshold_is_another_statement() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(statement(passport, true, 7_000), Ok(()));
		assert_eq!(statement(passport, true, 7_500), Ok(()));
		assert_eq!(record(passport).history_length, 3);
		assert_eq!(
			standing(passport).map(|standing| standing.threshold_bp),
			Some(7_500)
		);
	});
}

#[test]
fn a_passport_that_is_not_there_takes_no_statement() {
	ExtBuilder::build_and_execute(|| {
		let recycled = closed(1);
		for missing in [recycled, key(2)] {
			frame_support::assert_storage_noop!(assert_eq!(
				statement(missing, true, 7_000),
				Err(PassportRefusal::NotFound)
			));
		}
	});
}

#[test]
fn a_superseded_passport_takes_no_statement() {
	ExtBuilder::build_and_execute(|| {
		let (original, successor) = superseded(1, 2);
		frame_support::assert_storage_noop!(assert_eq!(
			statement(original, true, 7_000),
			Err(PassportRefusal::NotActive)
		));
		assert_eq!(statement(successor, true, 7_000), Ok(()));
	});
}

#[test]
fn a_history_that_is_full_but_for_its_end_takes_no_new_statement() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		fill_history(passport, KEPT_FROM_HAND + 1);
		assert_eq!(statement(passport, true, 7_000), Ok(()));
		frame_support::assert_storage_noop!(assert_eq!(
			statement(passport, false, 7_000),
			Err(PassportRefusal::HistoryFull)
		));
		// The same one again needs no entry.
		System::set_block_number(9);
		assert_eq!(statement(passport, true, 7_000), Ok(()));
		assert_eq!(standing(passport).map(|standing| standing.stated_at), Some(9));
	});
}
