//! `telemetry.submit_frames`, encoded without the metadata.

use crate::api::{self, runtime_types::bounded_collections::bounded_vec::BoundedVec};
use codec::{Compact, Encode};
use subxt::{
	ext::scale_encode::{self, EncodeAsFields, FieldIter, TypeResolver},
	tx::{Payload, StaticPayload, ValidationDetails},
};

/// The call `telemetry.submit_frames`. Its bytes are those of the generated call, which looks the type of every byte up in the
/// metadata. A runtime that takes frames in another form is told by the hash of the generated call, as with that call itself:
/// sending it fails with [`LedgerError::Encode`](crate::LedgerError::Encode).
pub struct FrameBatch {
	/// The generated call, of no frames: it has the names and the hash.
	generated: StaticPayload<api::telemetry::calls::SubmitFrames>,
	fields: EncodedFields,
}

impl FrameBatch {
	/// A batch of frames in their order, each with the number of its device. How many the ledger takes is for the caller to
	/// heed: nothing is checked here.
	pub fn new<'frame>(frames: impl IntoIterator<Item = (u32, &'frame [u8])>) -> Self {
		let frames: Vec<(Compact<u32>, &[u8])> = frames
			.into_iter()
			.map(|(device, frame)| (Compact(device), frame))
			.collect();
		FrameBatch {
			generated: api::tx().telemetry().submit_frames(BoundedVec(Vec::new())),
			fields: EncodedFields(frames.encode()),
		}
	}
}

impl Payload for FrameBatch {
	type CallData = EncodedFields;

	fn pallet_name(&self) -> &str {
		self.generated.pallet_name()
	}

	fn call_name(&self) -> &str {
		self.generated.call_name()
	}

	fn call_data(&self) -> &EncodedFields {
		&self.fields
	}

	fn validation_details(&self) -> Option<ValidationDetails<'_>> {
		self.generated.validation_details()
	}
}

/// Fields of a call, encoded already.
pub struct EncodedFields(Vec<u8>);

impl EncodeAsFields for EncodedFields {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_fields: &mut dyn FieldIter<'_, R::TypeId>,
		_types: &R,
		out: &mut Vec<u8>,
	) -> Result<(), scale_encode::Error> {
		out.extend_from_slice(&self.0);
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{api::runtime_types::pallet_telemetry::SubmittedFrame, offline::offline};

	#[test]
	fn the_bytes_are_those_of_the_generated_call() {
		let transactions = offline().transactions();
		let batches: [Vec<(u32, Vec<u8>)>; 4] = [
			Vec::new(),
			vec![(0, Vec::new())],
			// Around the lengths at which a compact number takes another byte.
			vec![
				(63, vec![1; 63]),
				(64, vec![2; 64]),
				((1 << 14) - 1, vec![3; 255]),
				(1 << 14, vec![4; 256]),
				((1 << 30) - 1, vec![5; (1 << 14) - 1]),
				(1 << 30, vec![6; 1 << 14]),
				(u32::MAX, vec![7; 150]),
			],
			(0..256).map(|device| (device, vec![0xab; 60])).collect(),
		];
		for batch in batches {
			let encoded = FrameBatch::new(batch.iter().map(|(device, frame)| (*device, frame.as_slice())));
			let frames = batch
				.iter()
				.map(|(device, frame)| SubmittedFrame {
					device: *device,
					frame: BoundedVec(frame.clone()),
				})
				.collect();
			let generated = api::tx().telemetry().submit_frames(BoundedVec(frames));
			assert!(
				transactions.call_data(&encoded).unwrap() == transactions.call_data(&generated).unwrap(),
				"{} frames",
				batch.len()
			);
		}
	}

	#[test]
	fn another_form_of_the_call_would_be_told_by_the_hash_of_the_generated_one() {
		let encoded = FrameBatch::new([]);
		let generated = api::tx().telemetry().submit_frames(BoundedVec(Vec::new()));
		let hash = generated.validation_details().unwrap().hash;
		assert_eq!(encoded.validation_details().unwrap().hash, hash);
		offline().transactions().validate(&encoded).unwrap();
	}
}
