//! Each invariant, broken by hand: a check that never fails checks nothing.

use super::*;
use passport_primitives::life_cycle::Publication;
use sp_runtime::DispatchError;

/// A ledger with one of everything.
struct Ledger {
	/// Live, with `ALIAS`, offered to `RECYCLER` as waste.
	named: PassportId,
	/// Superseded by `successor`.
	original: PassportId,
	successor: PassportId,
	closed: PassportId,
}

fn ledger() -> Ledger {
	let (original, successor) = superseded(1, 2);
	let named = registered_with_alias(3, ALIAS);
	delegated(named, WORKSHOP, &[DelegatedRight::RecordEvents]);
	assert_ok!(offer_waste(MAKER, named, RECYCLER));
	Ledger {
		named,
		original,
		successor,
		closed: closed(4),
	}
}

fn change(passport: PassportId, change: impl FnOnce(&mut PassportOf<Test>)) {
	Passports::<Test>::mutate(passport, |record| change(record.as_mut().unwrap()));
}

fn change_tombstone(passport: PassportId, change: impl FnOnce(&mut TombstoneOf<Test>)) {
	Tombstones::<Test>::mutate(passport, |tombstone| change(tombstone.as_mut().unwrap()));
}

fn change_delegation(passport: PassportId, change: impl FnOnce(&mut DelegationOf<Test>)) {
	Delegations::<Test>::mutate(passport, |delegations| change(&mut delegations[0]));
}

fn change_offer(passport: PassportId, change: impl FnOnce(&mut WasteHandOver)) {
	WasteHandOvers::<Test>::mutate(passport, |offer| change(offer.as_mut().unwrap()));
}

fn change_batch(change: impl FnOnce(&mut RecyclingBatch)) {
	RecyclingBatches::<Test>::mutate(BATCH, |batch| change(batch.as_mut().unwrap()));
}

#[test]
fn every_broken_invariant_is_found() {
	type Break = fn(Ledger);
	let table: [(&'static str, Break); 38] = [
		("a passport is live and closed", |ledger| {
			let tombstone = Tombstones::<Test>::get(ledger.closed).unwrap();
			Tombstones::<Test>::insert(ledger.named, tombstone);
		}),
		(
			"a passport has nobody as manufacturer, operator or owner",
			|ledger| {
				change(ledger.named, |record| record.owner = OrganisationId(0));
			},
		),
		(
			"a passport has nobody as manufacturer, operator or owner",
			|ledger| {
				change(ledger.named, |record| {
					record.responsible_operator = OrganisationId(0);
				});
			},
		),
		("a passport does not commit to data set 1", |ledger| {
			change(ledger.named, |record| record.commitments = [None; 4]);
		}),
		("a passport's content address is none", |ledger| {
			change(ledger.named, |record| {
				record.content_address = Some(bad_address());
			});
		}),
		(
			"a statement or an override is of a block that is to come",
			|ledger| {
				change(ledger.original, |record| {
					record.threshold.as_mut().unwrap().stated_at = System::block_number() + 1;
				});
			},
		),
		(
			"a statement or an override is of a block that is to come",
			|ledger| {
				change(ledger.named, |record| {
					record.overridden_at = Some(System::block_number() + 1);
				});
			},
		),
		("a passport has no version", |ledger| {
			change(ledger.named, |record| record.version = 0);
		}),
		(
			"a passport has nobody as manufacturer, operator or owner",
			|ledger| {
				change(ledger.named, |record| record.operated_by = OrganisationId(0));
			},
		),
		(
			"a passport has no history, or one without room for its end",
			|ledger| {
				change(ledger.named, |record| record.history_length = 0);
			},
		),
		(
			"a passport has no history, or one without room for its end",
			|ledger| {
				fill_history(ledger.named, 0);
			},
		),
		("the pages of a history do not fold to its head", |ledger| {
			change(ledger.named, |record| record.history_head = [0; 32]);
		}),
		("the pages of a history do not fold to its head", |ledger| {
			HistoryPages::<Test>::mutate(ledger.named, 0, BoundedVec::pop);
		}),
		("an entry of a history is out of its place", |ledger| {
			HistoryPages::<Test>::mutate(ledger.named, 0, |page| page.remove(0));
		}),
		("a page is of no history", |ledger| {
			let page = HistoryPages::<Test>::get(ledger.named, 0);
			HistoryPages::<Test>::insert(ledger.closed, 0, page);
		}),
		("the number of passports is wrong", |_| {
			let counter = frame_support::storage::storage_prefix(b"Passport", b"CounterForPassports");
			frame_support::storage::unhashed::put(&counter, &9u32);
		}),
		("an alias has the wrong form", |ledger| {
			Aliases::<Test>::insert([b'x'; 18], ledger.closed);
		}),
		("an alias names a passport that does not have it", |ledger| {
			Aliases::<Test>::insert(OTHER_ALIAS, ledger.named);
		}),
		("a closed passport has no history", |ledger| {
			change_tombstone(ledger.closed, |tombstone| tombstone.history_length = 2);
		}),
		("a passport was closed by nobody", |ledger| {
			change_tombstone(ledger.closed, |tombstone| tombstone.recycler = OrganisationId(0));
		}),
		("a closed passport has no history", |ledger| {
			change_tombstone(ledger.closed, |tombstone| {
				tombstone.history_length = MAX_HISTORY_ENTRIES + 1;
			});
		}),
		(
			"a passport was closed with a batch that its recycler does not have",
			|_| {
				change_batch(|batch| batch.recycler = organisation(OTHER_RECYCLER));
			},
		),
		("a recycling batch has a number that was not given", |_| {
			NextRecyclingBatchId::<Test>::put(BATCH);
		}),
		(
			"a recycling batch counts other batteries than were closed with it",
			|_| change_batch(|batch| batch.batteries = 2),
		),
		("a delegation is for no passport", |ledger| {
			Delegations::<Test>::insert(ledger.closed, Delegations::<Test>::get(ledger.named));
		}),
		(
			"an organisation has two delegations for a passport, or there is an empty list",
			|ledger| {
				Delegations::<Test>::mutate(ledger.named, |delegations| {
					delegations.force_push(delegations[0].clone());
				});
			},
		),
		(
			"a delegation is not by the responsible operator to another organisation",
			|ledger| {
				change_delegation(ledger.named, |delegation| {
					delegation.given_by = organisation(RECYCLER);
				});
			},
		),
		("a delegation is of no right", |ledger| {
			change_delegation(ledger.named, |delegation| {
				delegation.rights = DelegatedRights::of(&[]);
			});
		}),
		("a hand-over is of no passport", |ledger| {
			let offer = WasteHandOvers::<Test>::get(ledger.named).unwrap();
			WasteHandOvers::<Test>::insert(ledger.closed, offer);
		}),
		(
			"a hand-over is not by the responsible operator to another organisation",
			|ledger| {
				change_offer(ledger.named, |offer| offer.from = organisation(OTHER_MAKER));
			},
		),
		(
			"a hand-over is not by the responsible operator to another organisation",
			|ledger| {
				change_offer(ledger.named, |offer| offer.to = organisation(MAKER));
			},
		),
		("a unique identifier has the wrong form", |ledger| {
			change(ledger.named, |record| {
				record.unique_identifier = name(b"two words");
			});
		}),
		("a passport's key is not the hash of its identifier", |ledger| {
			change(ledger.named, |record| record.unique_identifier = identifier(9));
		}),
		("a passport's alias does not name it", |_| {
			Aliases::<Test>::remove(ALIAS);
		}),
		("a passport's identifier is another one's alias", |ledger| {
			let new = NewPassport {
				unique_identifier: name(&OTHER_ALIAS),
				..battery(9)
			};
			assert_ok!(Passport::register(signed(MAKER), new));
			Aliases::<Test>::insert(OTHER_ALIAS, ledger.closed);
		}),
		(
			"a passport is superseded without a successor, or has one and is not",
			|ledger| {
				change(ledger.named, |record| {
					record.publication = Publication::Superseded;
				});
			},
		),
		("a passport is linked twice with another", |ledger| {
			change(ledger.original, |record| {
				record.successors.force_push(ledger.successor);
			});
		}),
		(
			"a passport is linked with one that is not linked back",
			|ledger| {
				change(ledger.named, |record| {
					record.predecessors.force_push(ledger.original);
				});
			},
		),
	];
	for (complaint, break_it) in table {
		ExtBuilder::build_and_break(|| {
			let ledger = ledger();
			assert_eq!(Passport::do_try_state(), Ok(()));
			break_it(ledger);
			assert_eq!(Passport::do_try_state(), Err(DispatchError::Other(complaint)));
		});
	}
}
