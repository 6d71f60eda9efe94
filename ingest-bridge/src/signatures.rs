//! The signatures of a group of frames, checked together by the rule that the ledger checks them by (ZIP-215), in about half of the time
//! that each would take by itself. And no more of one device that sends bad ones than its neighbours do not notice.

use crate::lock;
use ed25519_zebra::{
	batch::{Item, Verifier},
	Signature, VerificationKeyBytes,
};
use passport_primitives::{
	battery::PassportId,
	telemetry::{frame::MAX_SIGNED_BYTES, Frame},
};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use std::{collections::HashMap, sync::Mutex};
use tokio::time::{Duration, Instant};

/// So many badly signed frames of one device are found out in a second. What it sends in the rest of that second is not checked. At some
/// 50 µs a check, a device that floods takes half a hundredth of a core.
pub const BAD_SIGNATURES_A_SECOND: u32 = 100;

const SECOND: Duration = Duration::from_secs(1);

/// A frame's signature that is to be checked.
#[derive(Clone, Debug)]
pub struct Unchecked {
	device: u32,
	/// `None`: no key signs this frame's sequence.
	item: Option<Item>,
}

impl Unchecked {
	/// Of a frame that a device with this key should have signed for this battery, on the network of `genesis_hash`. Hashes the frame.
	pub fn new(
		device: u32,
		frame: &Frame<'_>,
		genesis_hash: &[u8; 32],
		passport: &PassportId,
		public_key: Option<&[u8; 32]>,
	) -> Self {
		let mut buffer = [0; MAX_SIGNED_BYTES];
		let message = frame.signed_message(genesis_hash, passport, &mut buffer).ok();
		let item = public_key.zip(message).map(|(key, message)| {
			Item::from((
				VerificationKeyBytes::from(*key),
				Signature::from_bytes(&frame.signature),
				&message,
			))
		});
		Unchecked { device, item }
	}

	fn is_good(&self) -> bool {
		self.item.clone().is_some_and(|item| item.verify_single().is_ok())
	}
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
	/// Signed by the device.
	Good,
	/// Not signed by the device.
	Bad,
	/// Not checked: the device has sent too many badly signed frames in this second.
	Flood,
}

/// Bad signatures of each device in this second. As large as what can be checked in a second.
#[derive(Debug, Default)]
pub struct BadSignatures {
	since: Option<Instant>,
	of_device: HashMap<u32, u32>,
}

impl BadSignatures {
	fn begin(&mut self, now: Instant) {
		let over = self
			.since
			.is_none_or(|since| now.saturating_duration_since(since) >= SECOND);
		if over {
			self.since = Some(now);
			self.of_device.clear();
		}
	}

	fn of(&self, device: u32) -> u32 {
		self.of_device.get(&device).copied().unwrap_or(0)
	}

	fn note(&mut self, device: u32) {
		*self.of_device.entry(device).or_default() += 1;
	}
}

/// Checks the signatures of a group, in its order.
///
/// Together those of devices that have sent no bad one in this second: one bad signature makes the whole group be checked one by one, and
/// its sender should be able to do so only once a second.
pub fn check(group: &[&Unchecked], bad: &Mutex<BadSignatures>, now: Instant) -> Vec<Finding> {
	let mut bad = lock(bad);
	bad.begin(now);
	let clean: Vec<bool> = group
		.iter()
		.map(|unchecked| bad.of(unchecked.device) == 0)
		.collect();
	let together = group
		.iter()
		.zip(&clean)
		.filter(|(_, clean)| **clean)
		.map(|(unchecked, _)| *unchecked);
	let all_good = all_verify(together);
	let findings = group.iter().zip(clean).map(|(unchecked, clean)| {
		if clean && all_good {
			return Finding::Good;
		}
		if bad.of(unchecked.device) >= BAD_SIGNATURES_A_SECOND {
			return Finding::Flood;
		}
		if unchecked.is_good() {
			return Finding::Good;
		}
		bad.note(unchecked.device);
		Finding::Bad
	});
	findings.collect()
}

/// Whether all verify, checked together. `false` where the system has no random numbers.
fn all_verify<'a>(group: impl Iterator<Item = &'a Unchecked>) -> bool {
	let mut together = Verifier::new();
	for unchecked in group {
		let Some(item) = &unchecked.item else {
			return false;
		};
		together.queue(item.clone());
	}
	// One seed for all: a system call for each would take as much time as two checks.
	ChaCha20Rng::from_rng(OsRng).is_ok_and(|random| together.verify(random).is_ok())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::test_battery::{Battery, GENESIS};
	use proptest::prelude::*;

	/// A frame of a device; `None`: no key signs its sequence.
	fn unchecked(device: u32, signed: Option<bool>) -> Unchecked {
		let battery = Battery::new(device);
		let mut bytes = battery.frame(1);
		if signed == Some(false) {
			*bytes.last_mut().unwrap() ^= 1;
		}
		let key = battery.public_key();
		let frame = Frame::parse(&bytes).unwrap();
		Unchecked::new(
			device,
			&frame,
			&GENESIS,
			&battery.passport(),
			signed.map(|_| &key),
		)
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(24))]

		/// Three groups within a second: what earlier ones found has no part in a later verdict below the bound.
		#[test]
		fn each_finding_is_what_the_signature_alone_is(
			groups in prop::collection::vec(prop::collection::vec((0..6_u32, prop::option::weighted(0.9, prop::bool::weighted(0.9))), 0..12), 3),
		) {
			let (bad, now) = (Mutex::default(), Instant::now());
			for frames in groups {
				let group: Vec<_> = frames.iter().map(|(device, signed)| unchecked(*device, *signed)).collect();
				let expected: Vec<_> = frames
					.iter()
					.map(|(_, signed)| if *signed == Some(true) { Finding::Good } else { Finding::Bad })
					.collect();
				prop_assert_eq!(check(&group.iter().collect::<Vec<_>>(), &bad, now), expected);
			}
		}
	}

	#[test]
	fn a_frame_that_was_signed_for_another_battery_is_bad_alone_and_in_a_group() {
		let (own, other) = (Battery::new(1), Battery::new(2));
		let (bytes, key) = (own.frame(1), own.public_key());
		let frame = Frame::parse(&bytes).unwrap();
		let of = |battery: &Battery| Unchecked::new(1, &frame, &GENESIS, &battery.passport(), Some(&key));
		let (good, bad, neighbour) = (of(&own), of(&other), unchecked(3, Some(true)));
		let found = |group: &[&Unchecked]| check(group, &Mutex::default(), Instant::now());
		assert_eq!(found(&[&good]), [Finding::Good]);
		assert_eq!(found(&[&bad]), [Finding::Bad]);
		assert_eq!(
			found(&[&neighbour, &bad, &good]),
			[Finding::Good, Finding::Bad, Finding::Good]
		);
	}

	#[test]
	fn a_device_that_floods_is_checked_again_in_the_next_second_and_its_neighbours_always() {
		let (bad, now) = (Mutex::default(), Instant::now());
		let forged = unchecked(1, Some(false));
		let (own, neighbour) = (unchecked(1, Some(true)), unchecked(2, Some(true)));
		let mut group = vec![&forged; BAD_SIGNATURES_A_SECOND as usize];
		group.extend([&own, &neighbour]);
		let mut expected = vec![Finding::Bad; BAD_SIGNATURES_A_SECOND as usize];
		expected.extend([Finding::Flood, Finding::Good]);
		assert_eq!(check(&group, &bad, now), expected);
		let later = now + SECOND - Duration::from_millis(1);
		let two = [&own, &neighbour];
		assert_eq!(check(&two, &bad, later), [Finding::Flood, Finding::Good]);
		assert_eq!(check(&two, &bad, now + SECOND), [Finding::Good; 2]);
	}
}
