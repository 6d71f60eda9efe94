//! What the passport pallet asks: `ledger::AuthorityEnvelopes`.

use crate::{mock::*, AuthorityEnvelopesOf, Event};
use frame_support::{assert_ok, assert_storage_noop};
use passport_primitives::{
	battery::PassportId,
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{AuthorityEnvelope, AuthorityEnvelopes, EnvelopeRefusal, KeyEpochs},
};

/// A passport that is about to be registered.
const NEW: PassportId = PassportId([7; 32]);

const FIRST_THREE: DataSets = DataSets::of(&[DataSet::Model, DataSet::Composition, DataSet::TestReports]);

/// Registers [`NEW`] as the passport pallet does: with its envelopes, or not at all.
fn register(committed: DataSets, envelopes: &[AuthorityEnvelope]) -> Result<(), EnvelopeRefusal> {
	AccessGrant::deposit(&NEW, committed, envelopes)?;
	StoredPassports::register(NEW, MAKER);
	StoredPassports::commit(NEW, committed);
	Ok(())
}

/// Data sets that an authority has keys of, with their epochs.
fn keys_of(passport: PassportId, authority: u64) -> Vec<(DataSet, u32)> {
	AccessGrant::envelopes_for(passport, organisation(authority))
		.into_iter()
		.map(|envelope| (envelope.data_set, envelope.key_epoch))
		.collect()
}

#[test]
fn a_passport_is_registered_with_the_authorities_keys() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY, NOTIFIED_BODY]);
		let envelopes = [
			for_authority(AUTHORITY, DataSet::Composition, 1),
			for_authority(NOTIFIED_BODY, DataSet::TestReports, 2),
			for_authority(AUTHORITY, DataSet::TestReports, 3),
			for_authority(NOTIFIED_BODY, DataSet::Composition, 4),
		];
		assert_eq!(register(FIRST_THREE, &envelopes), Ok(()));
		for authority in [AUTHORITY, NOTIFIED_BODY] {
			assert_eq!(
				keys_of(NEW, authority),
				[(DataSet::Composition, 0), (DataSet::TestReports, 0)]
			);
		}
		let stored = AccessGrant::envelopes_for(NEW, organisation(AUTHORITY));
		assert_eq!(stored[1].bytes, envelopes[2].bytes);
		assert!(!AccessGrant::are_due(&NEW));
		assert_eq!(
			last_event(),
			Event::EnvelopesDeposited {
				passport: NEW,
				key_epoch: 0,
				envelopes: 4
			}
			.into()
		);
	});
}

#[test]
fn one_envelope_too_few_or_too_many_is_refused() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		let composition = for_authority(AUTHORITY, DataSet::Composition, 1);
		let test_reports = for_authority(AUTHORITY, DataSet::TestReports, 1);
		for (envelopes, refusal) in [
			(vec![], EnvelopeRefusal::Missing),
			(vec![composition], EnvelopeRefusal::Missing),
			(
				vec![composition, test_reports, composition],
				EnvelopeRefusal::NotDemanded,
			),
			(
				vec![
					composition,
					test_reports,
					for_authority(AUTHORITY, DataSet::Model, 1),
				],
				EnvelopeRefusal::NotDemanded,
			),
			(
				vec![
					composition,
					test_reports,
					for_authority(AUTHORITY, DataSet::Individual, 1),
				],
				EnvelopeRefusal::NotDemanded,
			),
			(
				vec![
					composition,
					test_reports,
					for_authority(NOTIFIED_BODY, DataSet::Composition, 1),
				],
				EnvelopeRefusal::NotDemanded,
			),
		] {
			assert_storage_noop!(assert_eq!(register(FIRST_THREE, &envelopes), Err(refusal)));
		}
		assert_eq!(register(FIRST_THREE, &[composition, test_reports]), Ok(()));
	});
}

#[test]
fn without_demanding_authorities_nothing_is_demanded() {
	ExtBuilder.build_and_execute(|| {
		let events = System::event_count();
		assert_eq!(register(DataSets::ALL, &[]), Ok(()));
		assert!(!AccessGrant::are_due(&NEW));
		assert_eq!(System::event_count(), events);
		assert_eq!(AuthorityEnvelopesOf::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_key_is_demanded_for_what_the_passport_has_and_the_table_shows() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		let due = || -> Vec<DataSet> {
			AccessGrant::due_envelopes(BATTERY)
				.into_iter()
				.map(|(_, data_set)| data_set)
				.collect()
		};
		for (committed, demanded) in [
			(DataSets::NONE, vec![]),
			(MODEL, vec![]),
			(MODEL.union(COMPOSITION), vec![DataSet::Composition]),
			(MODEL.union(TEST_REPORTS), vec![DataSet::TestReports]),
			(DataSets::ALL, vec![DataSet::Composition, DataSet::TestReports]),
		] {
			StoredPassports::commit(BATTERY, committed);
			assert_eq!(due(), demanded);
			assert_eq!(AccessGrant::are_due(&BATTERY), !demanded.is_empty());
		}
		assert_ok!(AccessGrant::set_purpose(
			RuntimeOrigin::root(),
			Audience::Authority,
			Purpose::Surveillance,
			TEST_REPORTS
		));
		assert_eq!(due(), [DataSet::TestReports]);
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::Authority,
			MODEL
		));
		assert_eq!(due(), []);
	});
}

#[test]
fn the_key_of_the_individual_batterys_data_is_demanded_once_there_is_any() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::Authority,
			INDIVIDUAL
		));
		let of_individual = [(organisation(AUTHORITY), DataSet::Individual)];
		// A device sends data set 4 whether or not a document was committed to.
		StoredPassports::commit(BATTERY, MODEL);
		assert_eq!(AccessGrant::due_envelopes(BATTERY), of_individual);
		StoredPassports::commit(SILENT, MODEL);
		assert_eq!(AccessGrant::due_envelopes(SILENT), []);
		StoredPassports::commit(SILENT, MODEL.union(INDIVIDUAL));
		assert_eq!(AccessGrant::due_envelopes(SILENT), of_individual);
	});
}

#[test]
fn nothing_is_demanded_for_an_authority_that_may_not_act_or_is_none_any_more() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY, NOTIFIED_BODY]);
		let envelopes = [AUTHORITY, NOTIFIED_BODY]
			.map(|authority| for_authority(authority, DataSet::Composition, authority as u8));
		TableOfMembers::suspend(AUTHORITY);
		assert_eq!(
			AccessGrant::deposit(&BATTERY, COMPOSITION, &envelopes),
			Err(EnvelopeRefusal::NotDemanded)
		);
		deposited(&envelopes[1..]);
		assert!(!AccessGrant::are_due(&BATTERY));
		TableOfMembers::reinstate(AUTHORITY);
		assert!(AccessGrant::are_due(&BATTERY));
		TableOfMembers::take_roles(AUTHORITY);
		assert!(!AccessGrant::are_due(&BATTERY));
	});
}

#[test]
fn a_new_epoch_and_a_new_data_set_and_a_new_authority_make_envelopes_due() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		let composition = for_authority(AUTHORITY, DataSet::Composition, 1);
		deposited(&[composition]);
		assert!(!AccessGrant::are_due(&BATTERY));

		StoredEpochs::advance(&BATTERY);
		assert!(AccessGrant::are_due(&BATTERY));
		deposited(&[composition]);
		assert_eq!(keys_of(BATTERY, AUTHORITY), [(DataSet::Composition, 1)]);
		assert!(!AccessGrant::are_due(&BATTERY));

		StoredPassports::commit(BATTERY, FIRST_THREE);
		assert!(AccessGrant::are_due(&BATTERY));
		deposited(&[for_authority(AUTHORITY, DataSet::TestReports, 1)]);
		assert!(!AccessGrant::are_due(&BATTERY));

		demand_for(&[AUTHORITY, NOTIFIED_BODY]);
		assert!(AccessGrant::are_due(&BATTERY));
	});
}

#[test]
fn when_the_device_is_gone_the_keys_stay_until_another_comes() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		StoredEpochs::advance(&BATTERY);
		deposited(&[for_authority(AUTHORITY, DataSet::Composition, 1)]);
		StoredEpochs::remove(BATTERY);
		assert!(!AccessGrant::are_due(&BATTERY));
		// Another device has another key, whatever its epoch.
		StoredEpochs::register(BATTERY);
		assert!(AccessGrant::are_due(&BATTERY));
	});
}

#[test]
fn nothing_is_due_under_a_passport_that_is_not_there() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		assert!(!AccessGrant::are_due(&NOWHERE));
		assert_eq!(AccessGrant::due_envelopes(NOWHERE), []);
		assert_eq!(AccessGrant::envelopes_for(NOWHERE, organisation(AUTHORITY)), []);
	});
}
