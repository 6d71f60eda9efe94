use super::*;
use crate::history::{extend, first_head, KEPT_FROM_USE};
use passport_primitives::life_cycle::Publication;

#[test]
fn the_head_is_the_hash_of_the_last_head_and_the_entry() {
	let entry = HistoryEntry {
		index: 3,
		kind: HistoryKind::Registered,
		organisation: OrganisationId(0x0102),
		block: 5u64,
		evidence: Some(DocumentHash([0xab; 32])),
	};
	let mut bytes = vec![9; 32];
	bytes.extend([3, 0, 0, 0]);
	bytes.extend([0]);
	bytes.extend([2, 1, 0, 0]);
	bytes.extend([5, 0, 0, 0, 0, 0, 0, 0]);
	bytes.extend([1]);
	bytes.extend([0xab; 32]);
	assert_eq!(extend(&[9; 32], &entry), sp_io::hashing::blake2_256(&bytes));
}

/// The pages of a history, as a reader turns them.
fn pages(passport: PassportId) -> Vec<Vec<HistoryEntry<u64>>> {
	(0..)
		.map(|page| Passport::history(passport, page).into_inner())
		.take_while(|entries| !entries.is_empty())
		.collect()
}

#[test]
fn a_history_is_read_page_by_page() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		fill_history(passport, MAX_HISTORY_ENTRIES - 33);
		let pages = pages(passport);
		assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [16, 16, 1]);
		assert_eq!(pages.concat(), history_of(passport));
		// Another passport's pages are its own.
		assert!(Passport::history(key(2), 0).is_empty());
	});
}

#[test]
fn from_a_history_that_is_full_by_hand_the_battery_still_reaches_its_end() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for delegate in [QUALITY, CARRIER, WORKSHOP] {
			delegated(passport, delegate, &[DelegatedRight::RecordEvents]);
		}
		// Transfers have used up what is kept for them.
		fill_history(passport, KEPT_FROM_USE);
		assert_eq!(
			Passport::set_owner(&passport, organisation(FLEET), None),
			Err(PassportRefusal::HistoryFull)
		);
		for delegate in [QUALITY, CARRIER, WORKSHOP] {
			assert_ok!(Passport::end_delegation(
				signed(MAKER),
				passport,
				organisation(delegate)
			));
		}
		override_threshold(passport);
		assert_ok!(hand_over(MAKER, passport, OTHER_MAKER));
		assert_ok!(hand_over(OTHER_MAKER, passport, RECYCLER));
		recycling_batch();
		assert_ok!(close(RECYCLER, passport));
	});
}

#[test]
fn whoever_has_the_entries_can_check_the_head() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		for block in 2..6 {
			System::set_block_number(block);
			assert_ok!(Passport::record_event(
				signed(CARRIER),
				passport,
				EventKind::LocationUpdate,
				DocumentHash([block as u8; 32])
			));
		}
		assert_ok!(derive_as(SECOND_LIFE, &[passport], 2));
		assert_eq!(record(passport).publication, Publication::Superseded);

		for checked in [passport, key(2)] {
			let entries = history_of(checked);
			assert_eq!(pages(checked).concat(), entries);
			let stored = record(checked);
			assert_eq!(entries.len(), stored.history_length as usize);
			for (index, entry) in entries.iter().enumerate() {
				assert_eq!(entry.index as usize, index);
			}
			let fold = |entries: &[HistoryEntry<u64>]| {
				entries
					.iter()
					.fold(first_head(&checked), |head, entry| extend(&head, entry))
			};
			assert_eq!(fold(&entries), stored.history_head);

			// A history that was tampered with shows.
			assert_ne!(fold(entries.split_last().unwrap().1), stored.history_head);
			let mut changed = entries.clone();
			changed.last_mut().unwrap().evidence = None;
			assert_ne!(fold(&changed), stored.history_head);
		}
	});
}

#[test]
fn two_passports_never_share_a_head() {
	ExtBuilder::build_and_execute(|| {
		// The same organisation, block and commitments: the entries are equal.
		let (first, second) = (registered(1), registered(2));
		assert_eq!(history_of(first), history_of(second));
		assert_ne!(record(first).history_head, record(second).history_head);
	});
}
