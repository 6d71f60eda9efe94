//! The calls that are measured: what stands in them, who sends them, and how the ledger tells that they were done.

use crate::{
	load::Order,
	outcome::{ReadNumber, Told},
};
use ed25519_dalek::{Signer, SigningKey};
use passport_client::{
	api::{
		access_grant::events::GrantRequested,
		ownership_transfer::events::TransferOffered,
		runtime_types::{self as types, passport_runtime::RuntimeCall},
	},
	canonical,
	test_keys::TestMember,
};
use passport_primitives::{
	battery::{Category, DocumentHash, PassportId},
	content_address,
	data_set::{DataSet, DataSets, Purpose},
	ledger::ENVELOPE_BYTES,
	life_cycle::EventKind,
	telemetry::device::possession_message,
};
use passport_tests::call::{bounded, commitments, envelopes};
use subxt::{events::Event, utils::Static, PolkadotConfig};
use types::{
	pallet_access_grant::{pallet::Call as AccessGrantCall, types as access_grant},
	pallet_ownership_transfer::{pallet::Call as OwnershipTransferCall, types as ownership_transfer},
	pallet_passport::{pallet::Call as PassportCall, types as passport},
	pallet_telemetry::pallet::Call as TelemetryCall,
};

/// Entries of the passport pallet's batches: its bound.
pub const BATCH: u32 = 32;

/// The one manufacturer of the test networks: it registers, and answers for every battery.
pub const MAKER: TestMember = TestMember::CellWorks;

/// Who trades batteries, each with the next.
pub const TRADERS: [TestMember; 4] = [
	MAKER,
	TestMember::BatteryTrade,
	TestMember::FleetOne,
	TestMember::SecondLife,
];

/// Who asks for access: four members with a legitimate interest.
const READERS: [TestMember; 4] = [
	TestMember::DataBroker,
	TestMember::FleetOne,
	TestMember::SecondLife,
	TestMember::RecyclingPlant,
];

/// Who records events, and which: four members, two by their roles for whichever battery.
const RECORDERS: [(TestMember, EventKind); 4] = [
	(MAKER, EventKind::ManufacturingComplete),
	(TestMember::Carrier, EventKind::LocationUpdate),
	(TestMember::FleetOne, EventKind::MaintenanceRequired),
	(TestMember::QualityLab, EventKind::QualityCertified),
];

/// Everybody who sends anything here.
pub const SENDERS: [TestMember; 8] = [
	MAKER,
	TestMember::BatteryTrade,
	TestMember::FleetOne,
	TestMember::SecondLife,
	TestMember::RecyclingPlant,
	TestMember::DataBroker,
	TestMember::QualityLab,
	TestMember::Carrier,
];

/// Blocks that an offer stands and that a grant lasts: longer than the bench.
const OPEN_BLOCKS: u32 = 86_400;

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
	/// `passport.register`.
	Register,
	/// `passport.register_many`, [`BATCH`] at a time.
	RegisterMany,
	/// `passport.record_event`.
	Event,
	/// `passport.record_many`, [`BATCH`] at a time.
	RecordMany,
	/// `telemetry.register_device`.
	Device,
	/// `ownership_transfer.offer`, one battery.
	Offer,
	/// `ownership_transfer.accept`.
	Accept,
	/// `access_grant.request`, data set 4.
	Request,
	/// `access_grant.approve`, with a key envelope.
	Approve,
}

impl Kind {
	/// Its name in the report.
	pub const fn name(self) -> &'static str {
		match self {
			Kind::Register => "register",
			Kind::RegisterMany => "register_many (32 passports)",
			Kind::Event => "event",
			Kind::RecordMany => "record_many (32 events)",
			Kind::Device => "register_device",
			Kind::Offer => "transfer: offer",
			Kind::Accept => "transfer: accept",
			Kind::Request => "grant: request",
			Kind::Approve => "grant: approve",
		}
	}

	/// How many calls a transaction counts for.
	pub const fn calls(self) -> u32 {
		match self {
			Kind::RegisterMany | Kind::RecordMany => BATCH,
			_ => 1,
		}
	}

	/// How a block tells that a call was done.
	pub fn told(self) -> Told {
		let (pallet, event) = match self {
			Kind::Register | Kind::RegisterMany => ("Passport", "Registered"),
			Kind::Event | Kind::RecordMany => ("Passport", "HistoryExtended"),
			Kind::Device => ("Telemetry", "DeviceRegistered"),
			Kind::Offer => ("OwnershipTransfer", "TransferOffered"),
			Kind::Accept => ("OwnershipTransfer", "TransferAccepted"),
			Kind::Request => ("AccessGrant", "GrantRequested"),
			Kind::Approve => ("AccessGrant", "GrantApproved"),
		};
		let number: Option<ReadNumber> = match self {
			Kind::Offer => Some(number_of_transfer),
			Kind::Request => Some(number_of_grant),
			_ => None,
		};
		Told {
			pallet,
			event,
			number,
			calls: None,
		}
	}
}

fn number_of_transfer(event: &Event<'_, PolkadotConfig>) -> Option<u32> {
	let offered = event.decode_fields_as::<TransferOffered>()?.ok()?;
	Some(offered.transfer.0)
}

fn number_of_grant(event: &Event<'_, PolkadotConfig>) -> Option<u32> {
	let requested = event.decode_fields_as::<GrantRequested>()?.ok()?;
	Some(requested.grant.0)
}

/// The unique identifier of a battery: a GS1 Digital Link, as long as they are.
pub fn unique_identifier(number: u32) -> String {
	format!("https://id.cell-works.example/01/09506000134352/21/BENCH{number:08}")
}

/// Its other name: `BAT-2027-AA-000000` and up.
pub fn alias(number: u32) -> [u8; 18] {
	let mut alias = *b"BAT-2027-AA-000000";
	let letters = number / 1_000_000;
	alias[9] += (letters / 26 % 26) as u8;
	alias[10] += (letters % 26) as u8;
	let mut rest = number % 1_000_000;
	for digit in alias[12..].iter_mut().rev() {
		*digit += (rest % 10) as u8;
		rest /= 10;
	}
	alias
}

/// The passport of a battery.
pub fn passport_id(number: u32) -> PassportId {
	canonical::passport_id(&unique_identifier(number))
}

/// What proves an event: the hash of a document that nobody has.
fn evidence(number: u32) -> DocumentHash {
	DocumentHash(canonical::passport_id(&format!("evidence {number}")).0)
}

/// All that a passport of an electric vehicle's battery starts with: both names, a commitment for each data set, a content address,
/// and the two envelopes that the test networks demand.
fn new_passport(number: u32) -> passport::NewPassport {
	let identifier = unique_identifier(number);
	let commitments = commitments(&identifier);
	let address = content_address::of_sha256(&canonical::passport_id(&identifier).0);
	passport::NewPassport {
		unique_identifier: bounded(identifier.into_bytes()),
		alias: Some(alias(number)),
		category: Static(Category::ElectricVehicle),
		commitments: commitments.map(|commitment| commitment.map(Static)),
		content_address: Some(bounded(address)),
		envelopes: bounded(envelopes(&commitments)),
	}
}

fn order(sender: TestMember, kind: Kind, subject: u32, call: RuntimeCall) -> Order {
	Order {
		sender,
		call,
		calls: kind.calls(),
		subject,
	}
}

/// The registration of battery `number`; its subject is the number.
pub fn register(number: u32) -> Order {
	let call = PassportCall::register {
		new: new_passport(number),
	};
	order(MAKER, Kind::Register, number, RuntimeCall::Passport(call))
}

/// The registration of the batteries from `first` on.
pub fn register_many(first: u32) -> Order {
	let call = PassportCall::register_many {
		passports: bounded((first..first + BATCH).map(new_passport).collect()),
	};
	order(MAKER, Kind::RegisterMany, first, RuntimeCall::Passport(call))
}

/// The `number`th event, of one of the batteries.
pub fn event(number: u32, batteries: &[PassportId]) -> Order {
	let (recorder, kind) = RECORDERS[number as usize % RECORDERS.len()];
	let call = PassportCall::record_event {
		passport: Static(batteries[number as usize % batteries.len()]),
		kind: Static(kind),
		evidence: Static(evidence(number)),
	};
	order(recorder, Kind::Event, number, RuntimeCall::Passport(call))
}

/// The `number`th batch of events, each of another battery.
pub fn record_many(number: u32, batteries: &[PassportId]) -> Order {
	let (recorder, kind) = RECORDERS[number as usize % RECORDERS.len()];
	let first = number as usize * BATCH as usize;
	let events = (first..first + BATCH as usize).map(|place| passport::EventRecord {
		passport: Static(batteries[place % batteries.len()]),
		kind: Static(kind),
		evidence: Static(evidence(place as u32)),
	});
	let call = PassportCall::record_many {
		events: bounded(events.collect()),
	};
	order(recorder, Kind::RecordMany, number, RuntimeCall::Passport(call))
}

/// The registration of a battery's device, by its maker.
pub fn device(place: u32, battery: PassportId, key: &SigningKey, genesis_hash: &[u8; 32]) -> Order {
	let public_key = key.verifying_key().to_bytes();
	let proof = key.sign(&possession_message(genesis_hash, &battery, &public_key));
	let call = TelemetryCall::register_device {
		passport: Static(battery),
		public_key,
		proof: proof.to_bytes(),
	};
	order(MAKER, Kind::Device, place, RuntimeCall::Telemetry(call))
}

/// The offer of a battery by one trader to another; its subject is the battery's place.
pub fn offer(place: u32, battery: PassportId, from: TestMember, to: TestMember) -> Order {
	let call = OwnershipTransferCall::offer {
		to: Static(to.organisation()),
		kind: ownership_transfer::TransferKind::Sale,
		operation_moves: true,
		passports: bounded(vec![Static(battery)]),
		location: Some(Static(evidence(place))),
		documents: bounded(vec![Static(evidence(place))]),
		valid_for_blocks: OPEN_BLOCKS,
	};
	order(from, Kind::Offer, place, RuntimeCall::OwnershipTransfer(call))
}

/// The acceptance of an offer, operation included.
pub fn accept(place: u32, transfer: u32, by: TestMember) -> Order {
	let call = OwnershipTransferCall::accept {
		transfer: ownership_transfer::TransferId(transfer),
		passports: None,
		take_operation: true,
	};
	order(by, Kind::Accept, place, RuntimeCall::OwnershipTransfer(call))
}

/// The request of data set 4 of a battery. Of one battery always by the same member, which so never asks twice at a time.
pub fn request(place: u32, battery: PassportId) -> Order {
	let call = AccessGrantCall::request {
		passport: Static(battery),
		data_sets: Static(DataSets::of(&[DataSet::Individual])),
		purpose: Static(Purpose::Valuation),
		duration_blocks: OPEN_BLOCKS,
	};
	let reader = READERS[place as usize % READERS.len()];
	order(reader, Kind::Request, place, RuntimeCall::AccessGrant(call))
}

/// The approval of a request, with the key of the device's first epoch. What is in the envelope only the grantee could tell.
pub fn approve(place: u32, grant: u32) -> Order {
	let call = AccessGrantCall::approve {
		grant: access_grant::GrantId(grant),
		envelope: Some(access_grant::KeyEnvelope {
			key_epoch: 0,
			bytes: [0x42; ENVELOPE_BYTES],
		}),
	};
	order(MAKER, Kind::Approve, place, RuntimeCall::AccessGrant(call))
}

#[cfg(test)]
mod tests {
	use super::*;
	use passport_primitives::{
		battery::{check_alias, check_unique_identifier},
		life_cycle::Recorder,
	};
	use std::collections::BTreeSet;

	#[test]
	fn every_battery_has_names_of_its_own_that_the_ledger_takes() {
		let numbers = [0, 1, 999_999, 1_000_000, 26_000_000, 675_999_999];
		let mut names = BTreeSet::new();
		for number in numbers {
			assert_eq!(check_alias(&alias(number)), Ok(()), "{number}");
			assert_eq!(
				check_unique_identifier(unique_identifier(number).as_bytes()),
				Ok(())
			);
			names.insert(alias(number));
		}
		assert_eq!(names.len(), numbers.len());
		assert_eq!(&alias(1_000_042), b"BAT-2027-AB-000042");
		assert_eq!(&alias(675_999_999), b"BAT-2027-ZZ-999999");
	}

	#[test]
	fn a_batch_is_as_large_as_the_ledger_takes_and_holds_each_battery_once() {
		assert_eq!(register_many(64).calls, 32);
		let batteries: Vec<_> = (0..40).map(passport_id).collect();
		let RuntimeCall::Passport(PassportCall::record_many { events }) = record_many(3, &batteries).call
		else {
			panic!("another call");
		};
		let distinct: BTreeSet<_> = events.0.iter().map(|event| event.passport.0).collect();
		assert_eq!((events.0.len(), distinct.len()), (32, 32));
	}

	#[test]
	fn every_recorder_records_what_it_may_of_whichever_battery() {
		for (member, kind) in RECORDERS {
			match kind.recorder() {
				Recorder::ResponsibleOperator => assert_eq!(member, MAKER),
				Recorder::PartyOr(roles) | Recorder::Roles(roles) => assert!(!roles.is_empty(), "{member:?}"),
				Recorder::LedgerOnly => panic!("nobody records {kind:?}"),
			}
		}
	}

	#[test]
	fn everybody_who_sends_has_its_quota_lifted() {
		let recorders = RECORDERS.iter().map(|(member, _)| *member);
		for sender in TRADERS.into_iter().chain(READERS).chain(recorders) {
			assert!(SENDERS.contains(&sender), "{sender:?}");
		}
	}
}
