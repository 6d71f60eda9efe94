use super::*;

#[test]
fn a_withdrawn_document_is_gone() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(RECYCLER, FIRST, 1));
		assert_ok!(anchor(MAKER, FIRST, 2));
		assert_ok!(withdraw(RECYCLER, FIRST, 0));
		assert_eq!(crate::Documents::<Test>::get(FIRST, 0), None);
		assert_eq!(DocumentOf::<Test>::get(FIRST, address(1)), None);
		assert_eq!(DocumentOf::<Test>::get(FIRST, address(2)), Some(1));
		assert_eq!(Counts::<Test>::get(FIRST), Count { next: 2, anchored: 1 });
		assert_eq!(
			last_event(),
			Event::Withdrawn {
				passport: FIRST,
				document: 0,
				content_address: address(1),
				withdrawn_by: organisation(RECYCLER)
			}
		);
	});
}

#[test]
fn a_number_is_never_given_again() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(MAKER, FIRST, 1));
		assert_ok!(withdraw(MAKER, FIRST, 0));
		assert_ok!(anchor(MAKER, FIRST, 1));
		assert_eq!(DocumentOf::<Test>::get(FIRST, address(1)), Some(1));
		assert_noop!(withdraw(MAKER, FIRST, 0), DocumentsError::NotFound);
	});
}

#[test]
fn accounts_that_may_not_act_withdraw_nothing() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(MAKER, FIRST, 1));
		refuses_whoever_may_not_act(|origin| Documents::withdraw(origin, FIRST, 0));
	});
}

#[test]
fn what_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(MAKER, FIRST, 1));
		assert_noop!(withdraw(MAKER, FIRST, 1), DocumentsError::NotFound);
		assert_noop!(withdraw(MAKER, SECOND, 0), DocumentsError::NotFound);
		assert_noop!(withdraw(MAKER, NONE, 0), DocumentsError::NotFound);
	});
}

#[test]
fn only_the_uploader_withdraws() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(RECYCLER, FIRST, 1));
		for member in [
			MAKER,
			FLEET,
			QUALITY,
			NOTIFIED_BODY,
			WORKSHOP,
			OTHER_MAKER,
			OTHER_FLEET,
			BYSTANDER,
		] {
			assert_noop!(withdraw(member, FIRST, 0), DocumentsError::NotUploader);
		}
		assert_ok!(withdraw(RECYCLER, FIRST, 0));
	});
}

#[test]
fn a_delegate_withdraws_what_is_the_responsible_operators() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(MAKER, FIRST, 1));
		assert_noop!(withdraw(DELEGATE, FIRST, 0), DocumentsError::NotUploader);
		delegate(DELEGATE, DelegatedRight::AnchorDocuments);
		assert_ok!(withdraw(DELEGATE, FIRST, 0));
		assert_eq!(
			last_event(),
			Event::Withdrawn {
				passport: FIRST,
				document: 0,
				content_address: address(1),
				withdrawn_by: organisation(DELEGATE)
			}
		);
	});
}

#[test]
fn a_delegate_withdraws_nothing_of_others() {
	ExtBuilder::build_and_execute(|| {
		delegate(DELEGATE, DelegatedRight::AnchorDocuments);
		assert_ok!(anchor(RECYCLER, FIRST, 1));
		assert_noop!(withdraw(DELEGATE, FIRST, 0), DocumentsError::NotUploader);
		assert_ok!(anchor(MAKER, SECOND, 1));
		assert_noop!(withdraw(DELEGATE, SECOND, 0), DocumentsError::NotUploader);
	});
}

#[test]
fn a_delegation_of_another_right_withdraws_nothing() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(MAKER, FIRST, 1));
		delegate(DELEGATE, DelegatedRight::UpdateCommitments);
		assert_noop!(withdraw(DELEGATE, FIRST, 0), DocumentsError::NotUploader);
	});
}

#[test]
fn what_a_delegate_has_anchored_stays_the_operators_when_the_delegation_ends() {
	ExtBuilder::build_and_execute(|| {
		delegate(DELEGATE, DelegatedRight::AnchorDocuments);
		assert_ok!(anchor(DELEGATE, FIRST, 1));
		Delegations::take();
		assert_noop!(withdraw(DELEGATE, FIRST, 0), DocumentsError::NotUploader);
		assert_ok!(withdraw(MAKER, FIRST, 0));
	});
}

#[test]
fn what_a_former_operator_has_anchored_stays_its_own() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(MAKER, FIRST, 1));
		TakenOver::set(vec![FIRST]);
		delegate(DELEGATE, DelegatedRight::AnchorDocuments);
		for member in [OTHER_MAKER, DELEGATE] {
			assert_noop!(withdraw(member, FIRST, 0), DocumentsError::NotUploader);
		}
		assert_ok!(withdraw(MAKER, FIRST, 0));
	});
}
