use super::*;
use crate::history::KEPT_FROM_USE;
use passport_primitives::{data_set::DataSets, ledger::PassportFacts, life_cycle::Publication};

#[test]
fn ownership_moves_and_responsibility_stays() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(Passport::set_owner(&passport, organisation(FLEET), None), Ok(()));

		assert_eq!(
			Passport::facts(&passport),
			Some(PassportFacts {
				responsible_operator: organisation(MAKER),
				owner: organisation(FLEET),
				operated_by: organisation(MAKER),
				category: Category::ElectricVehicle,
				status: Status::Original,
				publication: Publication::Active,
				committed: DataSets::of(&[DataSet::Model]),
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
				Passport::set_owner(&missing, organisation(FLEET), None),
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
			Passport::set_owner(&original, organisation(FLEET), None),
			Err(PassportRefusal::NotActive)
		));
		assert_eq!(
			Passport::facts(&original).map(|facts| facts.publication),
			Some(Publication::Superseded)
		);
	});
}

#[test]
fn operation_moves_where_a_new_operator_is_named() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let (owner, operator) = (organisation(FLEET), organisation(WORKSHOP));
		assert_eq!(Passport::set_owner(&passport, owner, Some(operator)), Ok(()));
		let stored = record(passport);
		assert_eq!((stored.owner, stored.operated_by), (owner, operator));
		assert_eq!(
			last_entries(passport),
			[
				(HistoryKind::Event(EventKind::OwnershipTransfer), owner, None),
				(HistoryKind::OperationMoved, operator, None),
			]
		);
		assert_eq!(
			events().last(),
			Some(&Event::OperationMoved {
				passport,
				from: organisation(MAKER),
				to: operator
			})
		);
	});
}

#[test]
fn what_stays_is_not_written_down() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let maker = organisation(MAKER);
		assert_eq!(Passport::set_owner(&passport, maker, Some(maker)), Ok(()));
		assert_eq!(record(passport).history_length, 1);
		// A lease: the owner stays.
		let fleet = organisation(FLEET);
		assert_eq!(Passport::set_owner(&passport, maker, Some(fleet)), Ok(()));
		assert_eq!(
			last_entries(passport),
			[(HistoryKind::OperationMoved, fleet, None)]
		);
		assert_eq!(record(passport).history_length, 2);
	});
}

#[test]
fn a_history_that_is_full_by_hand_has_room_for_transfers_up_to_its_end() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		fill_history(passport, KEPT_FROM_USE + 3);
		let (fleet, workshop) = (organisation(FLEET), organisation(WORKSHOP));
		assert_eq!(Passport::set_owner(&passport, fleet, Some(fleet)), Ok(()));
		// Room for one entry, not for two: neither is written.
		frame_support::assert_storage_noop!(assert_eq!(
			Passport::set_owner(&passport, workshop, Some(workshop)),
			Err(PassportRefusal::HistoryFull)
		));
		assert_eq!(Passport::set_owner(&passport, workshop, None), Ok(()));
		frame_support::assert_storage_noop!(assert_eq!(
			Passport::set_owner(&passport, fleet, None),
			Err(PassportRefusal::HistoryFull)
		));
	});
}
