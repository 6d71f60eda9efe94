//! SCALE: what stands in storage, calls and events is read back as it was written, and its bytes do not change by accident.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use core::fmt::Debug;
use passport_primitives::{
	battery::{Category, Commitment, DocumentHash, PassportId},
	data_set::{Audience, DataSet, DataSets, Purpose},
	life_cycle::{EventKind, HistoryKind, Publication, SecondLife, Status},
	organisation::{OrganisationId, Role, Roles},
	telemetry::{
		anchor::{AnchorId, AnchoredLeaf, InclusionProof, Offence},
		device::SignedBy,
		FrameRefusal, SequenceWindow, SignatureScheme,
	},
};
use proptest::prelude::*;
use scale_info::TypeInfo;

trait OnChain: Encode + Decode + MaxEncodedLen + TypeInfo + PartialEq + Debug {}
impl<T: Encode + Decode + MaxEncodedLen + TypeInfo + PartialEq + Debug> OnChain for T {}

/// The value is read back, whole, within the length that storage reserves for it.
fn round_trip<T: OnChain>(value: &T) -> Result<(), TestCaseError> {
	let bytes = value.encode();
	prop_assert!(bytes.len() <= T::max_encoded_len());
	prop_assert_eq!(&T::decode_all(&mut bytes.as_slice()).unwrap(), value);
	Ok(())
}

/// Bytes are a value or an error. A value is what those bytes, and no others, stand for.
fn canonical<T: OnChain>(bytes: &[u8]) -> Result<(), TestCaseError> {
	let mut rest = bytes;
	if let Ok(value) = T::decode(&mut rest) {
		let read = &bytes[..bytes.len() - rest.len()];
		prop_assert_eq!(value.encode(), read);
		round_trip(&value)?;
	}
	Ok(())
}

const STATUSES: [Status; 5] = [
	Status::Original,
	Status::Repurposed,
	Status::Reused,
	Status::Remanufactured,
	Status::Waste,
];
const PUBLICATIONS: [Publication; 2] = [Publication::Active, Publication::Superseded];
const SECOND_LIVES: [SecondLife; 4] = [
	SecondLife::PreparationForReuse,
	SecondLife::PreparationForRepurposing,
	SecondLife::Repurposing,
	SecondLife::Remanufacturing,
];
const CATEGORIES: [Category; 4] = [
	Category::ElectricVehicle,
	Category::LightMeansOfTransport,
	Category::Industrial,
	Category::StationaryStorage,
];
const PURPOSES: [Purpose; 6] = [
	Purpose::Valuation,
	Purpose::Maintenance,
	Purpose::SecondLife,
	Purpose::Recycling,
	Purpose::EnergyServices,
	Purpose::Surveillance,
];

const OFFENCES: [Offence; 5] = [
	Offence::MalformedFrame,
	Offence::UnknownDevice,
	Offence::BadSignature,
	Offence::Replay,
	Offence::BrokenOrder,
];

fn history_kind() -> impl Strategy<Value = HistoryKind> {
	prop_oneof![
		Just(HistoryKind::Registered),
		Just(HistoryKind::CommitmentUpdated),
		prop::sample::select(&EventKind::ALL[..]).prop_map(HistoryKind::Event),
		prop::sample::select(&STATUSES[..]).prop_map(HistoryKind::StatusChanged),
		Just(HistoryKind::ResponsibilityMoved),
		Just(HistoryKind::Succeeded),
	]
}

prop_compose! {
	/// A window as a device's frames leave it.
	fn window()(start in 1u64..1 << 32, steps in prop::collection::vec(0u64..100, 0..80)) -> SequenceWindow {
		let mut window = SequenceWindow::default();
		for step in steps {
			let _ = window.take(start + step);
		}
		window
	}
}

proptest! {
	#[test]
	fn numbers_and_hashes_are_read_back(number: u32, hash: [u8; 32]) {
		round_trip(&OrganisationId(number))?;
		round_trip(&PassportId(hash))?;
		round_trip(&Commitment(hash))?;
		round_trip(&DocumentHash(hash))?;
	}

	#[test]
	fn sets_are_read_back(roles in 0u16..1 << 13, data_sets in 0u8..16) {
		round_trip(&Roles::from_bits(roles).unwrap())?;
		round_trip(&DataSets::from_bits(data_sets).unwrap())?;
	}

	#[test]
	fn sets_of_any_bits_are_read_and_known_for_what_they_are(roles: u16, data_sets: u8) {
		let read = Roles::decode_all(&mut roles.encode().as_slice()).unwrap();
		prop_assert_eq!(read.is_valid(), Roles::from_bits(roles).is_some());
		prop_assert_eq!(read.bits(), roles);
		let read = DataSets::decode_all(&mut data_sets.encode().as_slice()).unwrap();
		prop_assert_eq!(read.is_valid(), DataSets::from_bits(data_sets).is_some());
		prop_assert_eq!(read.bits(), data_sets);
	}

	#[test]
	fn the_kinds_of_history_are_read_back(kind in history_kind()) {
		round_trip(&kind)?;
	}

	#[test]
	fn a_window_is_read_back_and_goes_on_where_it_was(window in window(), sequence in 0u64..1 << 33) {
		round_trip(&window)?;
		let mut read = SequenceWindow::decode_all(&mut window.encode().as_slice()).unwrap();
		let mut window = window;
		prop_assert_eq!(read.take(sequence), window.take(sequence));
		prop_assert_eq!(read, window);
	}

	#[test]
	fn any_bytes_are_a_value_or_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
		canonical::<OrganisationId>(&bytes)?;
		canonical::<PassportId>(&bytes)?;
		canonical::<Commitment>(&bytes)?;
		canonical::<DocumentHash>(&bytes)?;
		canonical::<Role>(&bytes)?;
		canonical::<Roles>(&bytes)?;
		canonical::<Category>(&bytes)?;
		canonical::<DataSet>(&bytes)?;
		canonical::<DataSets>(&bytes)?;
		canonical::<Audience>(&bytes)?;
		canonical::<Purpose>(&bytes)?;
		canonical::<Status>(&bytes)?;
		canonical::<Publication>(&bytes)?;
		canonical::<SecondLife>(&bytes)?;
		canonical::<EventKind>(&bytes)?;
		canonical::<HistoryKind>(&bytes)?;
		canonical::<FrameRefusal>(&bytes)?;
		canonical::<SignatureScheme>(&bytes)?;
		canonical::<SignedBy>(&bytes)?;
		canonical::<SequenceWindow>(&bytes)?;
		canonical::<Offence>(&bytes)?;
		canonical::<AnchorId>(&bytes)?;
		canonical::<AnchoredLeaf>(&bytes)?;
		canonical::<InclusionProof>(&bytes)?;
	}
}

/// Each variant is the one byte of its place in the list, and no other byte is a variant.
fn variants<T: OnChain>(all: &[T]) {
	for (place, variant) in all.iter().enumerate() {
		assert_eq!(variant.encode(), [place as u8], "{variant:?}");
		assert_eq!(T::decode_all(&mut [place as u8].as_slice()).as_ref(), Ok(variant));
	}
	for byte in all.len() as u8..=u8::MAX {
		assert!(T::decode_all(&mut [byte].as_slice()).is_err());
	}
}

#[test]
fn the_number_of_a_variant_is_part_of_the_wire_format() {
	variants(&Role::ALL);
	variants(&CATEGORIES);
	variants(&DataSet::ALL);
	variants(&Audience::ALL);
	variants(&PURPOSES);
	variants(&STATUSES);
	variants(&PUBLICATIONS);
	variants(&SECOND_LIVES);
	variants(&EventKind::ALL);
	variants(&FrameRefusal::ALL);
	variants(&[SignatureScheme::Ed25519]);
	variants(&[SignedBy::Battery, SignedBy::Bridge]);
	variants(&OFFENCES);
}

#[test]
fn the_bytes_of_everything_else_are_these() {
	let mut window = SequenceWindow::default();
	assert_eq!(window.take(3), Ok(()));
	assert_eq!(window.take(1), Ok(()));
	for (what, bytes, expected) in [
		("a number", OrganisationId(0x0102_0304).encode(), vec![4, 3, 2, 1]),
		("a hash", PassportId([7; 32]).encode(), vec![7; 32]),
		(
			"roles",
			Roles::of(&[Role::Supplier, Role::BridgeOperator]).encode(),
			vec![0b10, 0b1_0000],
		),
		(
			"data sets",
			DataSets::of(&[DataSet::Model, DataSet::Individual]).encode(),
			vec![0b1001],
		),
		(
			"a window: highest, then the bits",
			window.encode(),
			vec![3, 0, 0, 0, 0, 0, 0, 0, 0b101, 0, 0, 0, 0, 0, 0, 0],
		),
		("history: registered", HistoryKind::Registered.encode(), vec![0]),
		(
			"history: a commitment",
			HistoryKind::CommitmentUpdated.encode(),
			vec![1],
		),
		(
			"history: an event",
			HistoryKind::Event(EventKind::EndOfLife).encode(),
			vec![2, 8],
		),
		(
			"history: a status",
			HistoryKind::StatusChanged(Status::Waste).encode(),
			vec![3, 4],
		),
		(
			"history: responsibility",
			HistoryKind::ResponsibilityMoved.encode(),
			vec![4],
		),
		("history: a successor", HistoryKind::Succeeded.encode(), vec![5]),
		(
			"an anchor: bridge, stream, number",
			AnchorId {
				bridge: OrganisationId(1),
				stream: 2,
				number: 3,
			}
			.encode(),
			vec![1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
		),
	] {
		assert_eq!(bytes, expected, "{what}");
	}
}
