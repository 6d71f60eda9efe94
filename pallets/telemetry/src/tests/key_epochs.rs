//! [`KeyEpochs`]: the epoch that frames are sealed under.

use crate::{mock::*, DeviceState, Event};
use frame_support::{assert_ok, assert_storage_noop};
use passport_primitives::{ledger::KeyEpochs, telemetry::FrameRefusal};

fn of_epoch(bms: &Bms, key_epoch: u32, sequence: u64) -> Vec<u8> {
	bms.send(Sent {
		sequence,
		key_epoch,
		..Sent::default()
	})
}

#[test]
fn a_device_starts_in_epoch_zero() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_eq!(Telemetry::current(&passport(0)), Some(0));
	});
}

#[test]
fn without_a_device_there_is_no_epoch_to_start() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		for number in [0, 77] {
			assert_storage_noop!({
				assert_eq!(Telemetry::current(&passport(number)), None);
				assert_eq!(Telemetry::advance(&passport(number)), None);
			});
		}
	});
}

#[test]
fn a_revoked_device_has_no_epoch() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_storage_noop!({
			assert_eq!(Telemetry::current(&passport(0)), None);
			assert_eq!(Telemetry::advance(&passport(0)), None);
		});
	});
}

#[test]
fn the_next_epoch_is_one_more_and_changes_nothing_else() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
		let (before, other) = (state(0), state(1));
		for key_epoch in 1..=3 {
			assert_eq!(Telemetry::advance(&passport(0)), Some(key_epoch));
			assert_eq!(Telemetry::current(&passport(0)), Some(key_epoch));
			assert_eq!(
				last_event(),
				Some(Event::KeyEpochStarted { device: 0, key_epoch })
			);
			assert_eq!(
				state(0),
				DeviceState {
					key_epoch,
					..before.clone()
				}
			);
		}
		assert_eq!(state(1), other);
		assert_eq!(Telemetry::current(&passport(1)), Some(0));
	});
}

#[test]
fn a_frame_of_an_epoch_that_was_not_started_is_refused_and_late_ones_are_good() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		assert_eq!(
			submit_one(0, of_epoch(&bms, 1, 1)),
			Err(FrameRefusal::WrongKeyEpoch)
		);
		assert_eq!(Telemetry::advance(&passport(0)), Some(1));
		assert_ok!(submit_one(0, of_epoch(&bms, 1, 3)));
		assert_ok!(submit_one(0, of_epoch(&bms, 0, 2)));
		for key_epoch in [2, u32::MAX] {
			assert_eq!(
				submit_one(0, of_epoch(&bms, key_epoch, 4)),
				Err(FrameRefusal::WrongKeyEpoch)
			);
		}
	});
}

/// An envelope is bound to the passport and the epoch, not to the device: if a new device began at 0 again, nobody could tell
/// whose key an envelope of epoch 0 carries.
#[test]
fn a_device_that_replaces_another_goes_on_after_its_last_epoch() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_eq!(Telemetry::advance(&passport(0)), Some(1));
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(register(0, 2), 2);
		assert_eq!(Telemetry::current(&passport(0)), Some(2));
		assert_ok!(submit_one(2, of_epoch(&Bms::new(2).of(0), 2, 1)));
		assert_eq!(Telemetry::advance(&passport(0)), Some(3));
		assert_eq!(state(0).key_epoch, 1);
		// Also where the one before sent nothing.
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 2));
		for (bms, key_epoch) in [(3, 4), (4, 5)] {
			let device = register(0, bms);
			assert_eq!(Telemetry::current(&passport(0)), Some(key_epoch));
			assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), device));
		}
		assert_eq!(
			Telemetry::current(&passport(1)),
			Some(0),
			"another battery's epochs are its own"
		);
	});
}
