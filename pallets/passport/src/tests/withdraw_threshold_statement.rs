use super::*;

fn withdraw(passport: PassportId) {
	Passport::withdraw_threshold_statement(&passport);
}

#[test]
fn what_a_revoked_device_stated_is_marked_and_the_history_keeps_it() {
	ExtBuilder::build_and_execute(|| {
		let (passport, other) = (registered(1), registered(2));
		state(passport, true);
		state(other, true);
		let mut expected = record(passport);
		if let Some(standing) = &mut expected.threshold {
			standing.withdrawn = true;
		}
		withdraw(passport);
		assert_ne!(record(passport).threshold, record(other).threshold);
		assert_eq!(record(passport), expected);
		frame_support::assert_storage_noop!(withdraw(passport));
	});
}

#[test]
fn nothing_is_shown_until_another_device_states_it_anew() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		withdraw(passport);
		assert_noop!(
			derive_as(SECOND_LIFE, &[passport], 2),
			PassportError::ThresholdNotShown
		);
		let entries = record(passport).history_length;
		state(passport, true);
		assert_eq!(
			record(passport).history_length,
			entries + 1,
			"another device has said it"
		);
		assert_ok!(derive_as(SECOND_LIFE, &[passport], 2));
	});
}

#[test]
fn an_override_stays_when_a_statement_is_withdrawn() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		state(passport, false);
		override_threshold(passport);
		withdraw(passport);
		assert!(Passport::is_overridden(&record(passport)));
	});
}

#[test]
fn a_superseded_passport_needs_no_statement_and_loses_its_own() {
	ExtBuilder::build_and_execute(|| {
		let (original, _) = superseded(1, 2);
		withdraw(original);
		assert!(record(original)
			.threshold
			.is_some_and(|standing| standing.withdrawn));
		assert_ok!(derive_as(SECOND_LIFE, &[original], 3));
	});
}

#[test]
fn nothing_happens_where_nothing_was_stated_or_no_passport_is() {
	ExtBuilder::build_and_execute(|| {
		for passport in [registered(1), closed(2), key(3)] {
			frame_support::assert_storage_noop!(withdraw(passport));
		}
	});
}
