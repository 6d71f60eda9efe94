use super::*;

fn register(account: AccountId, facility: &[u8], year: u16) -> DispatchResult {
	let facility = facility.to_vec().try_into().unwrap();
	Passport::register_recycling_batch(signed(account), facility, year, MASSES)
}

#[test]
fn a_recycler_registers_a_batch_of_a_facility_and_year() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(register(RECYCLER, &facility(), 2030));
		assert_ok!(register(OTHER_RECYCLER, b"X", 2031));

		assert_eq!(
			RecyclingBatches::<Test>::get(RecyclingBatchId(0)),
			Some(RecyclingBatch {
				recycler: organisation(RECYCLER),
				facility: facility(),
				year: 2030,
				masses: MASSES,
				batteries: 0,
			})
		);
		assert_eq!(
			RecyclingBatches::<Test>::get(RecyclingBatchId(1)).map(|batch| batch.recycler),
			Some(organisation(OTHER_RECYCLER))
		);
		assert_eq!(
			events().first(),
			Some(&Event::RecyclingBatchRegistered {
				batch: RecyclingBatchId(0),
				recycler: organisation(RECYCLER),
				facility: facility(),
				year: 2030,
				masses: MASSES,
			})
		);
	});
}

#[test]
fn accounts_that_may_not_act_register_nothing() {
	ExtBuilder::build_and_execute(|| {
		refuses_whoever_may_not_act(|origin| {
			Passport::register_recycling_batch(origin, facility(), 2030, MASSES)
		});
	});
}

#[test]
fn only_recyclers_register() {
	ExtBuilder::build_and_execute(|| {
		for member in members_except(&[RECYCLER, OTHER_RECYCLER]) {
			assert_noop!(register(member, &facility(), 2030), PassportError::NotAuthorized);
		}
	});
}

#[test]
fn a_facility_has_a_printable_name() {
	ExtBuilder::build_and_execute(|| {
		for wrong in [&b""[..], b"tab\there", "Köln".as_bytes(), b"end\n"] {
			assert_noop!(register(RECYCLER, wrong, 2030), PassportError::InvalidFacility);
		}
		assert_ok!(register(RECYCLER, &[b'x'; 64], 2030));
		assert!(FacilityName::try_from(vec![b'x'; 65]).is_err());
	});
}

#[test]
fn a_year_is_one_of_the_regulations() {
	ExtBuilder::build_and_execute(|| {
		for wrong in [0, 30, 2022, 2100, u16::MAX] {
			assert_noop!(register(RECYCLER, &facility(), wrong), PassportError::InvalidYear);
		}
		for year in [2023, 2099] {
			assert_ok!(register(RECYCLER, &facility(), year));
		}
	});
}

#[test]
fn numbers_are_never_given_twice() {
	ExtBuilder::build_and_execute(|| {
		NextRecyclingBatchId::<Test>::put(RecyclingBatchId(u32::MAX));
		assert_noop!(
			register(RECYCLER, &facility(), 2030),
			PassportError::NumbersExhausted
		);
	});
}
