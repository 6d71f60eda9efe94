//! Checking the frames of a batch.

use crate::{
	Batch, Config, DeviceIndex, Event, FormerKey, FormerKeys, FormerKeysOfDevice, Page, Pages, Pallet,
	SkippedFrame, DEVICES_PER_PAGE, MAX_FRAMES_PER_BATCH,
};
use alloc::collections::BTreeMap;
use core::marker::PhantomData;
use frame_support::{
	storage::{transactional::with_transaction_opaque_err, TransactionOutcome},
	traits::{ConstU32, UnixTime},
	BoundedVec,
};
use passport_primitives::{
	ledger::Membership,
	organisation::OrganisationId,
	telemetry::{check_times, frame::MAX_SIGNED_BYTES, Frame, FrameRefusal, WindowRefusal},
};
use passport_signature_batch::SignatureBatch;

/// What a batch needs, or has needed.
pub(crate) struct Needed {
	/// Pages, each as often as the batch turns to it.
	pub pages: u32,
	/// Operators, and devices' former keys.
	pub lookups: u32,
	/// Whether its frames are gone through twice: together, in vain, and then one by one. So it is on a host that checks together;
	/// what is charged is the same on one that does not.
	pub twice: bool,
}

/// What became of the frames of a batch.
struct Taken {
	frames: u16,
	readings: u32,
	skipped: BoundedVec<SkippedFrame, ConstU32<MAX_FRAMES_PER_BATCH>>,
	/// Whether a signature did not verify.
	one_is_bad: bool,
}

/// What is looked up once for a batch, and the page that is being changed.
struct Ledger<T: Config> {
	genesis_hash: [u8; 32],
	now_seconds: u64,
	/// Whether an operator may act.
	operators: BTreeMap<OrganisationId, bool>,
	/// Former keys of the devices that have sent a frame from before a rotation.
	former_keys: BTreeMap<DeviceIndex, FormerKeysOfDevice>,
	page: PageInHand<T>,
}

/// Frames come sorted, so one page is in hand at a time and is written once.
struct PageInHand<T> {
	/// Its index, and whether it was changed.
	held: Option<(u32, Page, bool)>,
	read: u32,
	_runtime: PhantomData<T>,
}

impl<T: Config> Pallet<T> {
	/// Whether the signatures of a batch are checked together before they are checked one by one.
	pub(crate) fn is_checked_together(batch: &Batch) -> bool {
		T::Signatures::WORTHWHILE_FROM.is_some_and(|fewest| batch.len() as u32 >= fewest)
	}

	pub(crate) fn do_submit(bridge: OrganisationId, batch: &Batch) -> Needed {
		let mut ledger = Ledger::<T>::new();
		let together = Self::is_checked_together(batch);
		let taken = together.then(|| ledger.take_together(batch)).flatten();
		let Taken {
			frames,
			readings,
			skipped,
			one_is_bad,
		} = taken.unwrap_or_else(|| ledger.take_one_by_one(batch));
		Self::deposit_event(Event::BatchVerified {
			bridge,
			frames,
			readings,
			skipped,
		});
		Needed {
			pages: ledger.page.read,
			lookups: (ledger.operators.len() + ledger.former_keys.len()) as u32,
			// Not whether it was: a host that checks none together has to come to the same weight.
			twice: together && one_is_bad,
		}
	}
}

impl<T: Config> Ledger<T> {
	fn new() -> Self {
		Ledger {
			genesis_hash: Pallet::<T>::genesis_hash(),
			now_seconds: T::Time::now().as_secs(),
			operators: BTreeMap::new(),
			former_keys: BTreeMap::new(),
			page: PageInHand::new(),
		}
	}

	/// Takes the frames as if each signature were good, asks then whether all are, and undoes it if not.
	///
	/// If all are, one by one would have come to the same at each frame. If not, what was said of the frames behind a bad one may be
	/// wrong: a good frame with its sequence was skipped, for example.
	fn take_together(&mut self, batch: &Batch) -> Option<Taken> {
		with_transaction_opaque_err(|| {
			let taken = T::Signatures::if_all_verify(|signatures| {
				self.take_all(batch, |public_key, signature, message| {
					signatures.add(public_key, signature, message);
					true
				})
			});
			match taken {
				Some(taken) => TransactionOutcome::Commit(Ok(taken)),
				None => TransactionOutcome::Rollback(Err(())),
			}
		})
		// Too many transactions in each other: nothing was taken.
		.ok()?
		.ok()
	}

	fn take_one_by_one(&mut self, batch: &Batch) -> Taken {
		self.take_all(batch, |public_key, signature, message| {
			sp_io::crypto::ed25519_verify(&(*signature).into(), message, &(*public_key).into())
		})
	}

	/// Takes the frames that are good. `verifies` decides of a public key, a signature and a message.
	///
	/// It begins anew with whatever was looked up before: the page in hand knows of frames that were taken and undone, and what is
	/// charged for lookups must not depend on whether the host has checked the batch together before.
	fn take_all(
		&mut self,
		batch: &Batch,
		mut verifies: impl FnMut(&[u8; 32], &[u8; 64], &[u8]) -> bool,
	) -> Taken {
		self.page = PageInHand::new();
		self.operators.clear();
		self.former_keys.clear();
		let mut one_is_bad = false;
		let mut verifies = |public_key: &[u8; 32], signature: &[u8; 64], message: &[u8]| {
			let good = verifies(public_key, signature, message);
			one_is_bad |= !good;
			good
		};
		let (mut frames, mut readings) = (0u16, 0u32);
		let mut skipped = BoundedVec::new();
		for (position, submitted) in batch.iter().enumerate() {
			match self.take(submitted.device, &submitted.frame, &mut verifies) {
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
		self.page.write();
		Taken {
			frames,
			readings,
			skipped,
			one_is_bad,
		}
	}

	/// Takes a frame and returns its number of readings. Cheap checks come before the signature.
	fn take(
		&mut self,
		device: DeviceIndex,
		bytes: &[u8],
		verifies: &mut impl FnMut(&[u8; 32], &[u8; 64], &[u8]) -> bool,
	) -> Result<u8, FrameRefusal> {
		let frame = Frame::parse(bytes).map_err(|_| FrameRefusal::Malformed)?;
		let (page, changed) = self.page.of(device);
		let state = page
			.get_mut((device % DEVICES_PER_PAGE) as usize)
			.and_then(Option::as_mut)
			.ok_or(FrameRefusal::UnknownDevice)?;
		if state.revoked {
			return Err(FrameRefusal::DeviceNotActive);
		}
		if !state.in_use {
			return Err(FrameRefusal::PassportNotActive);
		}
		// Who answers for the battery today, not whoever made the device: responsibility may have moved since.
		let operator = state.responsible_operator;
		let may_act = *self
			.operators
			.entry(operator)
			.or_insert_with(|| T::Members::active_roles(operator).is_some());
		if !may_act {
			return Err(FrameRefusal::DeviceNotActive);
		}
		check_times(&frame.header, self.now_seconds)?;
		// Late frames of an earlier epoch are good; a key of the future was given to nobody.
		if frame.header.key_epoch > state.key_epoch {
			return Err(FrameRefusal::WrongKeyEpoch);
		}
		let sequence = frame.header.sequence;
		state.window.check(sequence).map_err(|refusal| match refusal {
			WindowRefusal::Replayed => FrameRefusal::Replayed,
			WindowRefusal::TooOld => FrameRefusal::TooOld,
			WindowRefusal::Leap => FrameRefusal::SequenceLeap,
		})?;
		let public_key = if sequence < state.key_from_sequence {
			let former = self
				.former_keys
				.entry(device)
				.or_insert_with(|| FormerKeys::<T>::get(device));
			former_key_for(former, sequence).ok_or(FrameRefusal::BadSignature)?
		} else {
			state.public_key
		};
		let mut message = [0; MAX_SIGNED_BYTES];
		let message = frame
			.signed_message(&self.genesis_hash, &state.device.passport, &mut message)
			.map_err(|_| FrameRefusal::Malformed)?;
		if !verifies(&public_key, &frame.signature, message) {
			return Err(FrameRefusal::BadSignature);
		}
		// Checked above: it is taken.
		let _ = state.window.take(sequence);
		state.last_seconds = state.last_seconds.max(frame.header.last_seconds());
		state.history_head = sp_io::hashing::blake2_256(&[state.history_head.as_slice(), bytes].concat());
		state.frames = state.frames.saturating_add(1);
		state.readings = state.readings.saturating_add(u64::from(frame.header.count));
		*changed = true;
		Ok(frame.header.count)
	}
}

impl<T: Config> PageInHand<T> {
	fn new() -> Self {
		PageInHand {
			held: None,
			read: 0,
			_runtime: PhantomData,
		}
	}

	/// The page of a device, and whether it was changed.
	fn of(&mut self, device: DeviceIndex) -> (&mut Page, &mut bool) {
		let index = device / DEVICES_PER_PAGE;
		if self.held.as_ref().map(|(held, ..)| *held) != Some(index) {
			self.write();
			self.held = None;
			self.read = self.read.saturating_add(1);
		}
		let (_, page, changed) = self
			.held
			.get_or_insert_with(|| (index, Pages::<T>::get(index), false));
		(page, changed)
	}

	fn write(&self) {
		if let Some((index, page, true)) = &self.held {
			Pages::<T>::insert(index, page);
		}
	}
}

/// The key that counted for a sequence below the first one of the present key.
fn former_key_for(former: &[FormerKey], sequence: u64) -> Option<[u8; 32]> {
	former
		.iter()
		.find(|former| sequence < former.below_sequence)
		.map(|former| former.public_key)
}

/// Whether a key is of small order. Under such a key, and only under such a key, the signature of zero with the neutral point
/// verifies for any message: ZIP-215 multiplies by the cofactor.
pub(crate) fn is_small_order(public_key: &[u8; 32]) -> bool {
	let mut signature = [0; 64];
	// The neutral point's encoding is y = 1.
	signature[0] = 1;
	sp_io::crypto::ed25519_verify(&signature.into(), b"any message", &(*public_key).into())
}
