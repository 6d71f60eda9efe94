//! What a benchmark starts from: members, passports, devices and signatures, made by the pallets' own calls and as large as
//! their bounds allow.
//!
//! A step of a setup that is refused ends the benchmark with a panic. It is the benchmark that is wrong then, and nothing of this
//! is in a runtime that a network runs.

use crate::{
	configs::CouncilCollective, AccountId, BlockNumber, Organisations, Passport, Runtime, RuntimeOrigin,
	Signature, System, Telemetry,
};
use alloc::{format, vec, vec::Vec};
use codec::Encode;
use pallet_passport::{history, HistoryEntry, NewPassport};
use pallet_telemetry::{DeviceIndex, DEVICES_PER_PAGE};
use passport_primitives::{
	battery::{
		Category, Commitment, DocumentHash, PassportId, ALIAS_BYTES, DATA_SETS, MAX_UNIQUE_IDENTIFIER_BYTES,
	},
	life_cycle::{EventKind, HistoryKind},
	organisation::{OrganisationId, Roles, MAX_ACCOUNTS_PER_ORGANISATION, MAX_DID_BYTES},
	telemetry::device::{possession_message, SignedBy},
};
use sp_core::{crypto::KeyTypeId, ed25519, hexdisplay::HexDisplay, sr25519};
use sp_io::hashing::{blake2_256, sha2_256};

/// Under which the keystore of the benchmarks keeps keys of accounts and devices.
const KEYS: KeyTypeId = KeyTypeId(*b"bpla");

/// What the benchmarks' clock shows when a setup has set it, in seconds since 1970.
pub const NOW_SECONDS: u64 = 1_800_000_000;

/// Two thirds of the council: of the origins that the council's calls take, the one that is asked last.
pub fn council() -> RuntimeOrigin {
	pallet_collective::RawOrigin::<AccountId, CouncilCollective>::Members(2, 3).into()
}

/// An origin that this account signed.
pub fn signed(account: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(account.clone())
}

/// 32 bytes that are others for each name and number.
pub fn bytes32(name: &str, n: u32) -> [u8; 32] {
	blake2_256(&(name, n).encode())
}

/// A hash of a document.
pub fn document(n: u32) -> DocumentHash {
	DocumentHash(bytes32("document", n))
}

/// A secret key as the keystore takes it.
pub fn secret(name: &str, n: u32) -> Vec<u8> {
	format!("0x{}", HexDisplay::from(&bytes32(name, n))).into_bytes()
}

/// An account whose sr25519 key is in the keystore: see [`sign`].
pub fn account(n: u32) -> AccountId {
	sp_io::crypto::sr25519_generate(KEYS, Some(secret("account", n)))
		.0
		.into()
}

/// Signature of an account that [`account`] made.
pub fn sign(account: &AccountId, message: &[u8]) -> Signature {
	let public_key = sr25519::Public::from_raw(account.clone().into());
	sp_io::crypto::sr25519_sign(KEYS, &public_key, message)
		.expect("the key is in the keystore")
		.into()
}

/// `count` accounts that act for member `n`: the first one can [`sign`].
pub fn accounts(n: u32, count: u32) -> Vec<AccountId> {
	let clerks = (1..count).map(|clerk| bytes32("clerk", n * MAX_ACCOUNTS_PER_ORGANISATION + clerk).into());
	core::iter::once(account(n)).chain(clerks).collect()
}

/// An identifier of an organisation, as long as one can be.
pub fn did() -> pallet_organisations::Did {
	let mut did = b"did:web:".to_vec();
	did.resize(MAX_DID_BYTES as usize, b'a');
	did.try_into().expect("within the bound")
}

/// Admits an organisation with these accounts, all else at its largest.
pub fn admit(n: u32, roles: Roles, accounts: Vec<AccountId>) -> OrganisationId {
	let organisation = pallet_organisations::NextOrganisation::<Runtime>::get();
	Organisations::admit(
		council(),
		did(),
		roles,
		bytes32("hpke", n),
		Some(BlockNumber::MAX),
		accounts.try_into().expect("at most 16 accounts"),
	)
	.expect("the organisation is admitted");
	organisation
}

/// Admits organisation `n` with 16 accounts. Returns it and the account that can [`sign`].
pub fn member(n: u32, roles: Roles) -> (OrganisationId, AccountId) {
	let organisation = admit(n, roles, accounts(n, MAX_ACCOUNTS_PER_ORGANISATION));
	(organisation, account(n))
}

/// No authority demands envelopes, so what a passport's calls do for them costs next to nothing: the calls' declared weights
/// add `DepositWeight` and `DueWeight` for that, which the access-grant pallet's own benchmarks measure.
pub fn without_demanding_authorities() {
	pallet_access_grant::DemandingAuthorities::<Runtime>::kill();
}

/// A unique identifier of 128 bytes.
pub fn unique_identifier(n: u32) -> pallet_passport::UniqueIdentifier {
	let mut name = format!("https://id.example/01/09506000134352/21/{n}/").into_bytes();
	name.resize(MAX_UNIQUE_IDENTIFIER_BYTES as usize, b'x');
	name.try_into().expect("within the bound")
}

/// An alias for each number below a million.
pub fn alias(n: u32) -> [u8; ALIAS_BYTES] {
	let mut alias = [0; ALIAS_BYTES];
	alias.copy_from_slice(format!("BAT-2025-LI-{n:06}").as_bytes());
	alias
}

/// A content address of 46 bytes, the longest that there is: multicodec of 9 bytes, BLAKE2b-256 with its code of 3.
pub fn content_address(n: u32) -> pallet_passport::ContentAddress {
	let mut address = vec![0x01];
	address.extend([0xff; 8]);
	address.extend([0x7f, 0xa0, 0xe4, 0x02, 32]);
	address.extend(bytes32("content", n));
	address.try_into().expect("within the bound")
}

/// Commitments to all four data sets.
pub fn commitments(n: u32) -> [Option<Commitment>; DATA_SETS] {
	[0, 1, 2, 3].map(|data_set| Some(Commitment(bytes32("commitment", n * DATA_SETS as u32 + data_set))))
}

/// What a passport starts with: every optional field is there, every length at its bound. No envelopes:
/// [`without_demanding_authorities`].
pub fn new_passport(n: u32) -> NewPassport {
	NewPassport {
		unique_identifier: unique_identifier(n),
		alias: Some(alias(n)),
		category: Category::StationaryStorage,
		commitments: commitments(n),
		content_address: Some(content_address(n)),
		envelopes: Default::default(),
	}
}

/// The key of passport `n`.
pub fn passport_id(n: u32) -> PassportId {
	PassportId(sha2_256(&unique_identifier(n)))
}

/// Registers passport `n` for a manufacturer. No authority demands envelopes from then on: a benchmark that needs some names
/// them after.
pub fn passport(maker: &AccountId, n: u32) -> PassportId {
	without_demanding_authorities();
	Passport::register(signed(maker), new_passport(n)).expect("the passport is registered");
	passport_id(n)
}

/// Lengthens a passport's history to this many entries. They are written as the pallet writes them, without
/// thousands of calls.
pub fn fill_history(passport: PassportId, entries: u32) {
	pallet_passport::Passports::<Runtime>::mutate(passport, |record| {
		let record = record.as_mut().expect("the passport is live");
		while record.history_length < entries {
			let entry = HistoryEntry {
				index: record.history_length,
				kind: HistoryKind::Event(EventKind::LocationUpdate),
				organisation: record.responsible_operator,
				block: System::block_number(),
				evidence: Some(document(record.history_length)),
			};
			record.history_head = history::extend(&record.history_head, &entry);
			let page = history::page_of(entry.index);
			pallet_passport::HistoryPages::<Runtime>::try_append(passport, page, &entry)
				.expect("the page has room");
			record.history_length += 1;
		}
	});
}

/// Sets the chain's clock to [`NOW_SECONDS`]. Straight into storage: Aura would ask for the slot of that time.
pub fn set_clock() {
	pallet_timestamp::Now::<Runtime>::put(NOW_SECONDS * 1_000);
}

/// The key of device `n`, which is in the keystore: see [`sign_as_device`].
pub fn device_key(n: u32) -> ed25519::Public {
	sp_io::crypto::ed25519_generate(KEYS, Some(secret("device", n)))
}

/// Signature of a device whose key [`device_key`] made.
pub fn sign_as_device(public_key: &ed25519::Public, message: &[u8]) -> [u8; 64] {
	sp_io::crypto::ed25519_sign(KEYS, public_key, message)
		.expect("the key is in the keystore")
		.0
}

/// A device's proof of possession for a passport.
pub fn proof_of_possession(public_key: &ed25519::Public, passport: &PassportId) -> [u8; 64] {
	let message = possession_message(&Telemetry::genesis_hash(), passport, &public_key.0);
	sign_as_device(public_key, &message)
}

/// Registers device `n` of a passport, as the last one of a page: the page is as large as it can be, and no other device of a
/// benchmark is on it.
pub fn device(maker: &AccountId, passport: PassportId, n: u32) -> (DeviceIndex, ed25519::Public) {
	fill_device_page(DEVICES_PER_PAGE - 1);
	next_device(maker, passport, n)
}

/// Registers device `n` of a passport in the place after the last device.
pub fn next_device(maker: &AccountId, passport: PassportId, n: u32) -> (DeviceIndex, ed25519::Public) {
	let public_key = device_key(n);
	let device = pallet_telemetry::NextDevice::<Runtime>::get();
	let proof = proof_of_possession(&public_key, &passport);
	Telemetry::register_device(signed(maker), passport, public_key.0, proof)
		.expect("the device is registered");
	(device, public_key)
}

/// Begins a page of devices with this many, none to 15, that belong to no passport, and returns the number that the device
/// after them gets.
pub fn fill_device_page(devices: u32) -> DeviceIndex {
	pallet_telemetry::NextDevice::<Runtime>::mutate(|next| {
		let page = next.div_ceil(DEVICES_PER_PAGE);
		let states = (0..devices).map(|place| {
			Some(pallet_telemetry::DeviceState {
				device: pallet_telemetry::Device {
					passport: PassportId(bytes32("neighbour's passport", place)),
					maker: OrganisationId(0),
					signed_by: SignedBy::Battery,
				},
				public_key: bytes32("neighbour", page * DEVICES_PER_PAGE + place),
				key_from_sequence: 0,
				revoked: false,
				in_use: true,
				responsible_operator: OrganisationId(0),
				key_epoch: 0,
				window: Default::default(),
				last_seconds: NOW_SECONDS,
				history_head: bytes32("head", place),
				frames: 1,
				readings: 1,
			})
		});
		let states: pallet_telemetry::Page = states.collect::<Vec<_>>().try_into().expect("one page");
		pallet_telemetry::Pages::<Runtime>::insert(page, states);
		*next = page * DEVICES_PER_PAGE + devices;
		*next
	})
}
