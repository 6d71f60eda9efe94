use super::*;
use passport_primitives::{
	ledger::{PassportFacts, PassportRefusal},
	life_cycle::Publication,
};

#[test]
fn ownership_moves_and_responsibility_stays() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(Passport::set_owner(&passport, organisation(FLEET)), Ok(()));

		assert_eq!(
			Passport::facts(&passport),
			Some(PassportFacts {
				responsible_operator: organisation(MAKER),
				owner: organisation(FLEET),
				category: Category::ElectricVehicle,
				status: Status::Original,
				publication: Publication::Active,
			})
		);
		assert_eq!(
			last_entries(passport),
			[(
				HistoryKind::Event(EventKind::OwnershipTransfer),
				organisation(FLEET),
				None
			)]
		);
		assert_eq!(
			events().last(),
			Some(&Event::OwnerChanged {
				passport,
				from: organisation(MAKER),
				to: organisation(FLEET)
			})
		);
	});
}

#[test]
fn a_passport_that_is_not_there_has_no_owner() {
	ExtBuilder::build_and_execute(|| {
		let recycled = closed(1);
		for missing in [recycled, key(2)] {
			frame_support::assert_storage_noop!(assert_eq!(
				Passport::set_owner(&missing, organisation(FLEET)),
				Err(PassportRefusal::NotFound)
			));
			assert_eq!(Passport::facts(&missing), None);
		}
	});
}

#[test]
fn a_superseded_passport_changes_hands_no_more() {
	ExtBuilder::build_and_execute(|| {
		let (original, _) = superseded(1, 2);
		frame_support::assert_storage_noop!(assert_eq!(
			Passport::set_owner(&original, organisation(FLEET)),
			Err(PassportRefusal::NotActive)
		));
		assert_eq!(
			Passport::facts(&original).map(|facts| facts.publication),
			Some(Publication::Superseded)
		);
	});
}
