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
		for member in [OTHER_MAKER, OTHER_FLEET, BYSTANDER] {
			assert_noop!(anchor(member, FIRST, 1), DocumentsError::NotAuthorized);
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
