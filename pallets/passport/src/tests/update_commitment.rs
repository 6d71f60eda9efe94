use super::*;
use crate::history::KEPT_FROM_HAND;

fn update(account: AccountId, passport: PassportId, data_set: DataSet, seed: u8) -> DispatchResult {
	Passport::update_commitment(signed(account), passport, data_set, commitment(seed), None)
}

#[test]
fn the_operator_replaces_one_commitment_and_the_version_grows() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(Passport::update_commitment(
			signed(MAKER),
			passport,
			DataSet::Individual,
			commitment(40),
			Some(address(2)),
		));

		let stored = record(passport);
		assert_eq!(
			stored.commitments,
			[Some(commitment(1)), None, None, Some(commitment(40))]
		);
		assert_eq!(stored.content_address, Some(address(2)));
		assert_eq!(stored.version, 2);
		assert_eq!(
			last_entries(passport),
			[(
				HistoryKind::CommitmentUpdated,
				organisation(MAKER),
				Some(DocumentHash([40; 32]))
			)]
		);
		assert_eq!(
			events().last(),
			Some(&Event::CommitmentUpdated {
				passport,
				data_set: DataSet::Individual,
				commitment: commitment(40),
				version: 2,
				content_address: Some(address(2)),
			})
		);
	});
}

#[test]
fn each_data_set_has_its_own_commitment() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for data_set in DataSet::ALL {
			assert_ok!(update(MAKER, passport, data_set, 50 + data_set.point()));
		}
		assert_eq!(
			record(passport).commitments,
			[51, 52, 53, 54].map(|seed| Some(commitment(seed)))
		);
		assert_eq!(record(passport).version, 5);
	});
}

#[test]
fn without_a_new_address_the_old_one_stays() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let with_address = |address| {
			let seed = record(passport).version as u8 + 10;
			Passport::update_commitment(signed(MAKER), passport, DataSet::Model, commitment(seed), address)
		};
		assert_ok!(with_address(Some(address(3))));
		assert_ok!(with_address(None));
		assert_eq!(record(passport).content_address, Some(address(3)));
	});
}

#[test]
fn accounts_that_may_not_act_update_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		refuses_whoever_may_not_act(|origin| {
			Passport::update_commitment(origin, passport, DataSet::Model, commitment(2), None)
		});
	});
}

#[test]
fn only_the_responsible_operator_and_its_delegate_update() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		sell(passport, FLEET);
		// The owner neither: Art. 77(4) makes the placing operator answer for the data.
		for member in members_except(&[MAKER]) {
			assert_noop!(
				update(member, passport, DataSet::Model, 2),
				PassportError::NotAuthorized
			);
		}
		assert_ok!(update(MAKER, passport, DataSet::Model, 2));

		delegated(passport, WORKSHOP, &[DelegatedRight::UpdateCommitments]);
		delegated(passport, QUALITY, &[DelegatedRight::RecordEvents]);
		assert_ok!(update(WORKSHOP, passport, DataSet::Model, 3));
		assert_eq!(
			last_entries(passport),
			[(
				HistoryKind::CommitmentUpdated,
				organisation(WORKSHOP),
				Some(DocumentHash([3; 32]))
			)]
		);
		assert_noop!(
			update(QUALITY, passport, DataSet::Model, 4),
			PassportError::NotAuthorized
		);
	});
}

#[test]
fn nothing_is_updated_while_an_authority_waits_for_an_envelope() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let other = registered(2);
		Due::set(vec![passport]);
		assert_noop!(
			update(MAKER, passport, DataSet::Model, 2),
			PassportError::EnvelopesDue
		);
		assert_ok!(update(MAKER, other, DataSet::Model, 2));
		Due::set(vec![]);
		assert_ok!(update(MAKER, passport, DataSet::Model, 2));
	});
}

#[test]
fn a_full_history_takes_no_update() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		fill_history(passport, KEPT_FROM_HAND + 1);
		assert_ok!(update(MAKER, passport, DataSet::Model, 2));
		assert_noop!(
			update(MAKER, passport, DataSet::Model, 3),
			PassportError::HistoryFull
		);
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(update(MAKER, key(1), DataSet::Model, 2), PassportError::NotFound);
		let passport = closed(1);
		assert_noop!(
			update(RECYCLER, passport, DataSet::Model, 2),
			PassportError::NotFound
		);
	});
}

#[test]
fn a_superseded_passport_is_not_updated() {
	ExtBuilder::build_and_execute(|| {
		let (original, successor) = superseded(1, 2);
		assert_noop!(
			update(MAKER, original, DataSet::Model, 2),
			PassportError::NotActive
		);
		assert_ok!(update(SECOND_LIFE, successor, DataSet::Model, 2));
	});
}

#[test]
fn the_passport_of_waste_is_kept_up_to_date_by_its_new_operator() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		assert_noop!(
			update(MAKER, passport, DataSet::Model, 2),
			PassportError::NotAuthorized
		);
		assert_ok!(update(RECYCLER, passport, DataSet::Model, 2));
	});
}

#[test]
fn the_same_commitment_is_no_update() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_noop!(
			update(MAKER, passport, DataSet::Model, 1),
			PassportError::Unchanged
		);
		// The same bytes for another data set are another commitment.
		assert_ok!(update(MAKER, passport, DataSet::Composition, 1));
	});
}

#[test]
fn a_content_address_is_a_cid() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_noop!(
			Passport::update_commitment(
				signed(MAKER),
				passport,
				DataSet::Model,
				commitment(2),
				Some(bad_address())
			),
			PassportError::InvalidContentAddress
		);
	});
}
