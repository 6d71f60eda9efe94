use super::*;

#[test]
fn a_closed_passport_leaves_no_document() {
	ExtBuilder::build_and_execute(|| {
		for seed in 0..64 {
			assert_ok!(anchor(MAKER, FIRST, seed));
		}
		assert_ok!(anchor(MAKER, SECOND, 1));
		close(FIRST);
		assert_eq!(crate::Documents::<Test>::iter_prefix(FIRST).count(), 0);
		assert_eq!(DocumentOf::<Test>::iter_prefix(FIRST).count(), 0);
		assert!(!Counts::<Test>::contains_key(FIRST));
		assert_eq!(Counts::<Test>::get(SECOND).anchored, 1);
		assert_eq!(
			last_event(),
			Event::Dropped {
				passport: FIRST,
				documents: 64
			}
		);
	});
}

#[test]
fn documents_of_earlier_blocks_are_dropped_as_well() {
	// Keys in the backend are counted against the limit of a removal, keys of the running block are not.
	let mut externalities = sp_io::TestExternalities::default();
	forget_passports();
	externalities.execute_with(|| {
		System::set_block_number(1);
		for seed in 0..64 {
			assert_ok!(anchor(MAKER, FIRST, seed));
		}
	});
	externalities.commit_all().unwrap();
	externalities.execute_with(|| {
		close(FIRST);
		assert_eq!(crate::Documents::<Test>::iter().count(), 0);
		assert_eq!(DocumentOf::<Test>::iter().count(), 0);
		assert_eq!(Documents::do_try_state(), Ok(()));
	});
}

#[test]
fn a_passport_without_documents_is_closed_in_silence() {
	ExtBuilder::build_and_execute(|| {
		close(FIRST);
		assert_eq!(System::read_events_for_pallet::<Event<Test>>(), []);
	});
}

#[test]
fn closing_costs_what_the_weight_says() {
	let weight: Weight = <Test as Config>::WeightInfo::on_passport_closed();
	assert_eq!(<ClosingWeight<Test> as Get<Weight>>::get(), weight);
	// 64 documents and 64 addresses, at least.
	type DbWeight = <Test as frame_system::Config>::DbWeight;
	let removals = <DbWeight as Get<frame_support::weights::RuntimeDbWeight>>::get().writes(128);
	assert!(weight.all_gte(removals), "{weight:?}");
}
