use super::*;

#[test]
fn an_anchored_document_belongs_to_the_passport() {
	ExtBuilder::build_and_execute(|| {
		System::set_block_number(5);
		assert_ok!(Documents::anchor(
			signed(MAKER),
			FIRST,
			address(1),
			DocumentKind::DismantlingManual,
			DataSet::Composition,
			123_456,
		));
		assert_eq!(
			crate::Documents::<Test>::get(FIRST, 0),
			Some(Document {
				content_address: address(1),
				kind: DocumentKind::DismantlingManual,
				data_set: DataSet::Composition,
				size_bytes: 123_456,
				uploader: organisation(MAKER),
				anchored_at: 5,
			})
		);
		assert_eq!(Counts::<Test>::get(FIRST), Count { next: 1, anchored: 1 });
		assert_eq!(
			last_event(),
			Event::Anchored {
				passport: FIRST,
				document: 0,
				content_address: address(1),
				kind: DocumentKind::DismantlingManual,
				data_set: DataSet::Composition,
				size_bytes: 123_456,
				uploader: organisation(MAKER),
				anchored_by: organisation(MAKER),
			}
		);
	});
}

#[test]
fn accounts_that_may_not_act_anchor_nothing() {
	ExtBuilder::build_and_execute(|| {
		refuses_whoever_may_not_act(|origin| {
			Documents::anchor(origin, FIRST, address(1), DocumentKind::Other, DataSet::Model, 1)
		});
	});
}

#[test]
fn parties_and_those_that_certify_repair_or_recycle_anchor() {
	ExtBuilder::build_and_execute(|| {
		for (seed, member) in [MAKER, FLEET, QUALITY, NOTIFIED_BODY, RECYCLER, WORKSHOP]
			.into_iter()
			.enumerate()
		{
			assert_ok!(anchor(member, FIRST, seed as u8));
		}
	});
}

#[test]
fn others_anchor_nothing() {
	ExtBuilder::build_and_execute(|| {
		// Operating the battery, as the other fleet does, gives no right over the record.
		for member in [OTHER_MAKER, OTHER_FLEET, BYSTANDER, DELEGATE] {
			assert_noop!(anchor(member, FIRST, 1), DocumentsError::NotAuthorized);
		}
	});
}

#[test]
fn a_delegate_anchors_for_the_responsible_operator() {
	ExtBuilder::build_and_execute(|| {
		delegate(DELEGATE, DelegatedRight::AnchorDocuments);
		assert_ok!(anchor(DELEGATE, FIRST, 1));
		let document = crate::Documents::<Test>::get(FIRST, 0).unwrap();
		assert_eq!(document.uploader, organisation(MAKER));
		assert_eq!(
			last_event(),
			Event::Anchored {
				passport: FIRST,
				document: 0,
				content_address: address(1),
				kind: DocumentKind::TestReport,
				data_set: DataSet::TestReports,
				size_bytes: 1_000,
				uploader: organisation(MAKER),
				anchored_by: organisation(DELEGATE),
			}
		);
		// The delegation is for that passport, and ends.
		assert_noop!(anchor(DELEGATE, SECOND, 1), DocumentsError::NotAuthorized);
		Delegations::take();
		assert_noop!(anchor(DELEGATE, FIRST, 2), DocumentsError::NotAuthorized);
	});
}

#[test]
fn a_delegation_of_another_right_anchors_nothing() {
	ExtBuilder::build_and_execute(|| {
		for right in DelegatedRight::ALL {
			if right != DelegatedRight::AnchorDocuments {
				delegate(DELEGATE, right);
			}
		}
		assert_noop!(anchor(DELEGATE, FIRST, 1), DocumentsError::NotAuthorized);
	});
}

#[test]
fn a_delegate_that_may_anchor_in_its_own_right_anchors_for_itself() {
	ExtBuilder::build_and_execute(|| {
		for (member, seed) in [(WORKSHOP, 1), (FLEET, 2)] {
			delegate(member, DelegatedRight::AnchorDocuments);
			assert_ok!(anchor(member, FIRST, seed));
			let number = Documents::find(FIRST, address(seed)).unwrap();
			let document = Documents::document(FIRST, number).unwrap();
			assert_eq!(document.uploader, organisation(member));
		}
	});
}

#[test]
fn without_a_live_passport_there_is_nothing_to_anchor_under() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(anchor(MAKER, NONE, 1), DocumentsError::PassportNotFound);
		close(FIRST);
		assert_noop!(anchor(MAKER, FIRST, 1), DocumentsError::PassportNotFound);
	});
}

#[test]
fn a_superseded_passport_takes_documents() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(RECYCLER, OLD, 1));
	});
}

#[test]
fn a_content_address_is_a_cid() {
	ExtBuilder::build_and_execute(|| {
		let too_short = address(1)[..35].to_vec().try_into().unwrap();
		assert_noop!(
			Documents::anchor(
				signed(MAKER),
				FIRST,
				too_short,
				DocumentKind::Other,
				DataSet::Model,
				1
			),
			DocumentsError::InvalidContentAddress
		);
	});
}

#[test]
fn a_document_has_a_byte_at_least() {
	ExtBuilder::build_and_execute(|| {
		let of_size = |size_bytes| {
			Documents::anchor(
				signed(MAKER),
				FIRST,
				address(1),
				DocumentKind::Other,
				DataSet::Model,
				size_bytes,
			)
		};
		assert_noop!(of_size(0), DocumentsError::Empty);
		assert_ok!(of_size(1));
	});
}

#[test]
fn a_document_is_anchored_once_under_a_passport() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(MAKER, FIRST, 1));
		assert_noop!(anchor(MAKER, FIRST, 1), DocumentsError::AlreadyAnchored);
		assert_noop!(anchor(RECYCLER, FIRST, 1), DocumentsError::AlreadyAnchored);
		// One manual serves many batteries.
		assert_ok!(anchor(MAKER, SECOND, 1));
	});
}

#[test]
fn a_passport_has_at_most_sixty_four_documents() {
	ExtBuilder::build_and_execute(|| {
		for seed in 0..64 {
			assert_ok!(anchor(MAKER, FIRST, seed));
		}
		assert_noop!(anchor(MAKER, FIRST, 64), DocumentsError::TooManyDocuments);
		assert_ok!(anchor(MAKER, SECOND, 64));
		assert_ok!(withdraw(MAKER, FIRST, 10));
		assert_ok!(anchor(MAKER, FIRST, 64));
	});
}

#[test]
fn who_has_no_part_in_a_battery_can_not_take_all_the_room() {
	ExtBuilder::build_and_execute(|| {
		for seed in 0..32 {
			assert_ok!(anchor(WORKSHOP, FIRST, seed));
		}
		assert_noop!(anchor(WORKSHOP, FIRST, 32), DocumentsError::TooManyDocuments);
		assert_noop!(anchor(QUALITY, FIRST, 32), DocumentsError::TooManyDocuments);
		for (seed, party) in [(32, MAKER), (33, FLEET)] {
			assert_ok!(anchor(party, FIRST, seed));
		}
	});
}

#[test]
fn a_call_above_its_bounds_or_with_a_value_that_means_nothing_is_no_call() {
	// The call of index 0: passport, content address, kind, data set, size.
	let is_a_call = |address_bytes: usize, kind: u8, data_set: u8| {
		let bytes = (0u8, FIRST, vec![1u8; address_bytes], kind, data_set, 1u64).encode();
		Call::<Test>::decode(&mut &bytes[..]).is_ok()
	};
	assert!(is_a_call(64, 10, 3));
	assert!(!is_a_call(65, 10, 3), "a content address of 65 bytes");
	assert!(!is_a_call(64, 11, 3), "a twelfth kind");
	assert!(!is_a_call(64, 10, 4), "a fifth data set");
}
