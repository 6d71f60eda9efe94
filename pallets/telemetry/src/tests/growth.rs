//! What a device's frames leave on the ledger does not grow with them.

use crate::{mock::*, MAX_FRAMES_PER_BATCH};
use sp_io::{hashing::twox_128, storage};

/// The pallet's entries: their keys, and how many bytes each has.
fn entries() -> Vec<(Vec<u8>, usize)> {
	let pallet = twox_128(b"Telemetry");
	let mut entries = Vec::new();
	let mut key = pallet.to_vec();
	while let Some(next) = storage::next_key(&key).filter(|next| next.starts_with(&pallet)) {
		let bytes = storage::get(&next).map_or(0, |value| value.len());
		entries.push((next.clone(), bytes));
		key = next;
	}
	entries
}

#[test]
fn a_thousand_frames_take_no_more_room_than_one() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		assert_eq!(submit_one(0, bms.frame(1)), Ok(()));
		let after_one = entries();
		// It is the pallet's entries that are looked at.
		assert!(after_one.len() >= 2);
		let sequences: Vec<u64> = (2..=1_000).collect();
		for batch in sequences.chunks(MAX_FRAMES_PER_BATCH as usize) {
			let verified = submit(batch.iter().map(|sequence| (0, bms.frame(*sequence))));
			assert!(verified.skipped.is_empty(), "{verified:?}");
		}
		assert_eq!((state(0).frames, state(0).readings), (1_000, 2_000));
		assert_eq!(entries(), after_one);
	});
}
