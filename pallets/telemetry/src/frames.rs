//! Checking the frames of a batch.

use crate::{
	Batch, Config, DeviceIndex, Devices, Event, Page, Pages, Pallet, SkippedFrame, DEVICES_PER_PAGE,
};
use alloc::collections::BTreeMap;
use frame_support::{traits::UnixTime, BoundedVec};
use passport_primitives::{
	ledger::{Membership, PassportFacts, Passports},
	organisation::OrganisationId,
	telemetry::{check_times, frame::MAX_SIGNED_BYTES, Frame, FrameRefusal, WindowRefusal},
};

/// What is looked up once for each device of a batch, and the page that is being changed.
struct Ledger<T: Config> {
	genesis_hash: [u8; 32],
	now_seconds: u64,
	/// Whether frames of a device can be taken at all: registered, its battery in use, who answers for that active.
	standing: BTreeMap<DeviceIndex, Result<(), FrameRefusal>>,
	page: Option<(u32, Page, bool)>,
	_runtime: core::marker::PhantomData<T>,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_submit(bridge: OrganisationId, batch: &Batch) {
		let mut ledger = Ledger::<T> {
			genesis_hash: Self::genesis_hash(),
			now_seconds: T::Time::now().as_secs(),
			standing: BTreeMap::new(),
			page: None,
			_runtime: core::marker::PhantomData,
		};
		let (mut frames, mut readings) = (0u16, 0u32);
		let mut skipped = BoundedVec::new();
		for (position, submitted) in batch.iter().enumerate() {
			match ledger.take(submitted.device, &submitted.frame) {
				Ok(count) => {
					frames += 1;
					readings += u32::from(count);
				}
				// As many places as frames: pushing can not fail.
				Err(reason) => {
					let _ = skipped.try_push(SkippedFrame {
						position: position as u16,
						reason,
					});
				}
			}
		}
		ledger.write_page();
		Self::deposit_event(Event::BatchVerified {
			bridge,
			frames,
			readings,
			skipped,
		});
	}

	fn standing_of(device: DeviceIndex) -> Result<(), FrameRefusal> {
		let device = Devices::<T>::get(device).ok_or(FrameRefusal::UnknownDevice)?;
		let facts = T::Passports::facts(&device.passport)
			.filter(PassportFacts::is_in_use)
			.ok_or(FrameRefusal::PassportNotActive)?;
		// Who answers for the battery today, not whoever made the device: responsibility may have moved since.
		if T::Members::active_roles(facts.responsible_operator).is_none() {
			return Err(FrameRefusal::DeviceNotActive);
		}
		Ok(())
	}
}

impl<T: Config> Ledger<T> {
	/// Takes a frame and returns its number of readings. Cheap checks come before the signature.
	fn take(&mut self, device: DeviceIndex, bytes: &[u8]) -> Result<u8, FrameRefusal> {
		let frame = Frame::parse(bytes).map_err(|_| FrameRefusal::Malformed)?;
		(*self
			.standing
			.entry(device)
			.or_insert_with(|| Pallet::<T>::standing_of(device)))?;
		check_times(&frame.header, self.now_seconds)?;
		let genesis_hash = self.genesis_hash;
		let (page, changed) = self.page_of(device);
		let state = page
			.get_mut((device % DEVICES_PER_PAGE) as usize)
			.and_then(Option::as_mut)
			.ok_or(FrameRefusal::UnknownDevice)?;
		if state.revoked {
			return Err(FrameRefusal::DeviceNotActive);
		}
		// Late frames of an earlier epoch are good; a key of the future was given to nobody.
		if frame.header.key_epoch > state.key_epoch {
			return Err(FrameRefusal::WrongKeyEpoch);
		}
		state
			.window
			.check(frame.header.sequence)
			.map_err(|refusal| match refusal {
				WindowRefusal::Replayed => FrameRefusal::Replayed,
				WindowRefusal::TooOld => FrameRefusal::TooOld,
				WindowRefusal::Leap => FrameRefusal::SequenceLeap,
			})?;
		let mut message = [0; MAX_SIGNED_BYTES];
		let message = frame
			.signed_message(&genesis_hash, &mut message)
			.map_err(|_| FrameRefusal::Malformed)?;
		if !sp_io::crypto::ed25519_verify(&frame.signature.into(), message, &state.public_key.into()) {
			return Err(FrameRefusal::BadSignature);
		}
		// Checked above: it is taken.
		let _ = state.window.take(frame.header.sequence);
		state.last_seconds = state.last_seconds.max(frame.header.last_seconds());
		state.history_head = sp_io::hashing::blake2_256(&[state.history_head.as_slice(), bytes].concat());
		state.frames = state.frames.saturating_add(1);
		state.readings = state.readings.saturating_add(u64::from(frame.header.count));
		*changed = true;
		Ok(frame.header.count)
	}

	/// The page of a device. Frames come sorted, so one page is in hand at a time and is written once.
	fn page_of(&mut self, device: DeviceIndex) -> (&mut Page, &mut bool) {
		let index = device / DEVICES_PER_PAGE;
		if self.page.as_ref().map(|(held, ..)| *held) != Some(index) {
			self.write_page();
			self.page = None;
		}
		let (_, page, changed) = self
			.page
			.get_or_insert_with(|| (index, Pages::<T>::get(index), false));
		(page, changed)
	}

	fn write_page(&mut self) {
		if let Some((index, page, true)) = &self.page {
			Pages::<T>::insert(index, page);
		}
	}
}

/// Whether a key is of small order. Under such a key, and only under such a key, the signature of zero with the neutral point
/// verifies for any message: ZIP-215 multiplies by the cofactor.
pub(crate) fn is_small_order(public_key: &[u8; 32]) -> bool {
	let mut signature = [0; 64];
	// The neutral point's encoding is y = 1.
	signature[0] = 1;
	sp_io::crypto::ed25519_verify(&signature.into(), b"any message", &(*public_key).into())
}
