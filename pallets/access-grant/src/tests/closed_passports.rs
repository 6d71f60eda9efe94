use crate::{mock::*, AuthorityEnvelopesOf, Event, Grants, GrantsOf, GrantsTo, RequestOf};
use passport_primitives::{data_set::DataSet, ledger::OnPassportClosed};

#[test]
fn a_closed_passport_takes_its_grants_along() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		let request = requested(SERVICE, COMPOSITION);
		let elsewhere = requested_for(OTHER, BROKER, COMPOSITION);
		assert!(AccessGrant::may_close(&BATTERY), "grants forbid nothing");
		StoredPassports::close(BATTERY);
		AccessGrant::on_passport_closed(&BATTERY);
		assert_eq!(
			last_event(),
			Event::GrantsClosed {
				passport: BATTERY,
				grants: 2
			}
			.into()
		);
		assert!(!is_open(grant));
		for gone in [grant, request] {
			assert_eq!(AccessGrant::grant(gone), None);
		}
		assert!(Grants::<Test>::contains_key(elsewhere));
		assert_eq!(GrantsOf::<Test>::iter().count(), 1);
		assert_eq!(GrantsTo::<Test>::iter().count(), 1);
		assert_eq!(RequestOf::<Test>::iter().count(), 1);
	});
}

#[test]
fn a_closed_passport_takes_the_authorities_keys_along() {
	ExtBuilder.build_and_execute(|| {
		let authorities: Vec<u64> = (FIRST_AUTHORITY..FIRST_AUTHORITY + 8).collect();
		demand_for(&authorities);
		let envelopes: Vec<_> = authorities
			.iter()
			.map(|authority| for_authority(*authority, DataSet::Composition, 1))
			.collect();
		deposited(&envelopes);
		assert_eq!(AuthorityEnvelopesOf::<Test>::iter().count(), 8);
		StoredPassports::close(BATTERY);
		AccessGrant::on_passport_closed(&BATTERY);
		assert_eq!(AuthorityEnvelopesOf::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_passport_without_grants_is_closed_without_a_word() {
	ExtBuilder.build_and_execute(|| {
		let events = System::event_count();
		AccessGrant::on_passport_closed(&BATTERY);
		assert_eq!(System::event_count(), events);
	});
}
