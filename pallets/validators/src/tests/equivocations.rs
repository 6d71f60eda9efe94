use crate::{mock::*, Event};
use frame_support::{
	assert_err_ignore_postinfo, assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo,
	traits::KeyOwnerProofSystem,
};
use pallet_grandpa::{Call, Error};
use sp_consensus_grandpa::{EquivocationProof, KEY_TYPE};
use sp_core::{Pair, H256};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionSource};
use sp_session::MembershipProof;

/// The proof that a validator of this session has this key, as a node makes it.
fn proof_of_ownership(key: u64) -> MembershipProof {
	Historical::prove((KEY_TYPE, grandpa_key(key).public())).unwrap()
}

/// Sends a report as block authors do.
fn report(proof: EquivocationProof<H256, u64>, owner: MembershipProof) -> DispatchResultWithPostInfo {
	Grandpa::report_equivocation_unsigned(RuntimeOrigin::none(), Box::new(proof), owner)
}

#[test]
fn a_proved_equivocation_removes_the_validator() {
	ExtBuilder::default().build_and_execute(|| {
		let key = key_of(2);
		assert_ok!(report(equivocation(key, 0, 1), proof_of_ownership(key)));
		System::assert_has_event(Event::OffenderRemoved { validator: 2 }.into());
		assert_eq!(Validators::validators(), [1, 3, 4, 5]);
		assert_eq!(Session::disabled_validators(), [1]);
		next_session();
		next_session();
		assert_eq!(taking_part(), [1, 3, 4, 5]);
		assert_eq!(
			Grandpa::grandpa_authorities(),
			grandpa_authorities_of(&[1, 3, 4, 5])
		);
	});
}

#[test]
fn twice_reported_is_once_counted() {
	ExtBuilder::default().build_and_execute(|| {
		let key = key_of(2);
		let owner = proof_of_ownership(key);
		assert_ok!(report(equivocation(key, 0, 1), owner.clone()));
		next_session();
		let events = System::event_count();
		assert_err_ignore_postinfo!(
			report(equivocation(key, 0, 1), owner),
			Error::<Test>::DuplicateOffenceReport
		);
		assert_eq!(System::event_count(), events);
	});
}

#[test]
fn at_the_minimum_the_validator_is_kept_and_twice_reported_is_once_counted() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			let key = key_of(2);
			let owner = proof_of_ownership(key);
			assert_ok!(report(equivocation(key, 0, 1), owner.clone()));
			System::assert_has_event(Event::OffenderKept { validator: 2 }.into());
			assert_eq!(Validators::validators(), [1, 2, 3, 4]);
			assert_eq!(Session::disabled_validators(), [1]);
			assert_err_ignore_postinfo!(
				report(equivocation(key, 0, 1), owner),
				Error::<Test>::DuplicateOffenceReport
			);
		});
}

#[test]
fn an_equivocation_is_proved_until_the_evidence_is_too_old() {
	for sessions in [1, EVIDENCE_SESSIONS, EVIDENCE_SESSIONS + 1] {
		ExtBuilder::default().build_and_execute(|| {
			let key = key_of(2);
			let owner = proof_of_ownership(key);
			for _ in 0..sessions {
				next_session();
			}
			let outcome = report(equivocation(key, 0, 1), owner);
			if sessions <= EVIDENCE_SESSIONS {
				assert_ok!(outcome);
				assert_eq!(Validators::validators(), [1, 3, 4, 5]);
			} else {
				assert_err_ignore_postinfo!(outcome, Error::<Test>::InvalidKeyOwnershipProof);
				assert_eq!(Validators::validators(), [1, 2, 3, 4, 5]);
			}
		});
	}
}

#[test]
fn an_equivocation_with_rotated_keys_is_proved_after_its_session() {
	ExtBuilder::default().build_and_execute(|| {
		let (keys, proof) = session_keys(2, 777);
		assert_ok!(Session::set_keys(RuntimeOrigin::signed(2), keys, proof));
		next_session();
		next_session();
		let owner = proof_of_ownership(777);
		next_session();
		assert_ok!(report(equivocation(777, 1, 1), owner));
		assert_eq!(Validators::validators(), [1, 3, 4, 5]);
	});
}

#[test]
fn what_is_no_equivocation_removes_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		let key = key_of(2);
		let block = H256::repeat_byte(1);
		for (proof, owner, error) in [
			// Two votes for one block.
			(
				two_votes(key, 0, 1, block, block),
				proof_of_ownership(key),
				Error::<Test>::InvalidEquivocationProof,
			),
			// In a set that never was.
			(
				equivocation(key, 1, 1),
				proof_of_ownership(key),
				Error::InvalidEquivocationProof,
			),
			// By another's proof of ownership.
			(
				equivocation(key, 0, 1),
				proof_of_ownership(key_of(3)),
				Error::InvalidKeyOwnershipProof,
			),
			// With keys of nobody.
			(
				equivocation(666, 0, 1),
				proof_of_ownership(key),
				Error::InvalidKeyOwnershipProof,
			),
		] {
			assert_err_ignore_postinfo!(report(proof, owner), error);
		}
		assert_eq!(Validators::validators(), [1, 2, 3, 4, 5]);
	});
}

#[test]
fn an_equivocation_from_before_the_council_added_the_validator_is_past() {
	ExtBuilder::default().build_and_execute(|| {
		let key = key_of(2);
		let owner = proof_of_ownership(key);
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
		next_session();
		next_session();
		set_keys(2);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 2));
		let events = System::event_count();
		assert_ok!(report(equivocation(key, 0, 1), owner));
		assert_eq!(Validators::validators(), [1, 3, 4, 5, 2]);
		// The offences pallet's, and no other.
		assert_eq!(System::event_count(), events + 1);
		// What it does from then on counts.
		next_session();
		next_session();
		assert_ok!(report(equivocation(key, 2, 1), proof_of_ownership(key)));
		assert_eq!(Validators::validators(), [1, 3, 4, 5]);
	});
}

#[test]
fn the_pool_takes_a_report_from_the_node_itself_and_only_once() {
	ExtBuilder::default().build_and_execute(|| {
		let key = key_of(2);
		let owner = proof_of_ownership(key);
		let call = Call::<Test>::report_equivocation_unsigned {
			equivocation_proof: Box::new(equivocation(key, 0, 1)),
			key_owner_proof: owner.clone(),
		};
		let valid = Grandpa::validate_unsigned(TransactionSource::Local, &call).unwrap();
		assert!(!valid.propagate);
		assert!(Grandpa::pre_dispatch(&call).is_ok());
		assert_noop!(
			Grandpa::validate_unsigned(TransactionSource::External, &call),
			InvalidTransaction::Call
		);
		assert_ok!(report(equivocation(key, 0, 1), owner));
		next_session();
		assert_noop!(
			Grandpa::validate_unsigned(TransactionSource::Local, &call),
			InvalidTransaction::Stale
		);
	});
}
