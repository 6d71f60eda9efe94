//! States of devices in pages: 40 devices are three pages.

use crate::{mock::*, DeviceState, Page, Pages, DEVICES_PER_PAGE};
use passport_primitives::telemetry::FrameRefusal;
use proptest::prelude::*;
use std::sync::LazyLock;

const DEVICES: u32 = 40;

static FRAMES: LazyLock<Vec<Vec<u8>>> =
	LazyLock::new(|| (0..DEVICES).map(|number| Bms::new(number).frame(1)).collect());

fn pages() -> Vec<(u32, usize)> {
	let mut pages: Vec<_> = Pages::<Test>::iter()
		.map(|(index, page)| (index, page.len()))
		.collect();
	pages.sort_unstable();
	pages
}

#[test]
fn devices_fill_one_page_after_the_other() {
	ExtBuilder::default().devices(DEVICES).build_and_execute(|| {
		assert_eq!(pages(), [(0, 16), (1, 16), (2, 8)]);
		for device in 0..DEVICES {
			assert_eq!(state(device).public_key, Bms::new(device).public_key());
		}
		for device in [DEVICES, 47, 48, u32::MAX] {
			assert_eq!(Telemetry::state_of(device), None);
		}
	});
}

#[test]
fn a_page_fits_what_it_is_said_to_take() {
	use codec::{Encode, MaxEncodedLen};
	assert_eq!(DeviceState::max_encoded_len(), 158);
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let longest = DeviceState {
			key_from_sequence: u64::MAX,
			key_epoch: u32::MAX,
			last_seconds: u64::MAX,
			..state(0)
		};
		assert_eq!(longest.encoded_size(), 158);
	});
	assert_eq!(Page::max_encoded_len(), 2_545);
	assert_eq!(Pages::<Test>::hashed_key_for(0).len(), 52);
}

#[test]
fn a_device_that_sends_takes_142_bytes() {
	use codec::Encode;
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_eq!(submit_one(0, Bms::new(0).frame(1)), Ok(()));
		assert_eq!(state(0).encoded_size(), 142);
	});
}

#[test]
fn a_frame_touches_the_state_of_its_device_alone() {
	ExtBuilder::default().devices(DEVICES).build_and_execute(|| {
		let states = || (0..DEVICES).map(state).collect::<Vec<_>>();
		for device in [0, 15, 16, 31, 32, 39] {
			let before = states();
			assert_eq!(submit_one(device, FRAMES[device as usize].clone()), Ok(()));
			for (other, (before, after)) in before.into_iter().zip(states()).enumerate() {
				assert_eq!(before != after, other as u32 == device, "device {other}");
			}
		}
	});
}

#[test]
fn a_number_in_the_last_page_that_was_not_given_is_an_unknown_device() {
	ExtBuilder::default().devices(20).build_and_execute(|| {
		let frame = Bms::new(0).frame(1);
		for device in [20, DEVICES_PER_PAGE * 2 - 1, DEVICES_PER_PAGE * 2, u32::MAX] {
			assert_eq!(
				submit_one(device, frame.clone()),
				Err(FrameRefusal::UnknownDevice)
			);
		}
		assert_eq!(pages(), [(0, 16), (1, 4)]);
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4))]

	#[test]
	fn whatever_the_order_of_its_devices_a_batch_over_all_pages_is_taken_whole(
		order in Just((0..DEVICES).collect::<Vec<_>>()).prop_shuffle(),
	) {
		ExtBuilder::default().devices(DEVICES).build_and_execute(|| {
			let verified = submit(order.iter().map(|device| (*device, FRAMES[*device as usize].clone())));
			assert_eq!(verified, Verified { frames: 40, readings: 80, skipped: vec![] });
			for device in 0..DEVICES {
				let state = state(device);
				assert_eq!((state.frames, state.window.highest()), (1, 1), "device {device}");
				assert_eq!(
					state.history_head,
					sp_io::hashing::blake2_256(&[[0; 32].as_slice(), &FRAMES[device as usize]].concat())
				);
			}
		});
	}
}
