//! A genesis with many batteries in it: registering a million by extrinsics takes hours.
//!
//! The specification is the `dev` network's as raw storage, and after that the entries that `passport.register` and
//! `telemetry.register_device` would have left for each battery, made of the pallets' own types: passport, alias, history,
//! device. What is left out are the authorities' envelopes, which no frame reads. It is written as it is made: a
//! million batteries are some gigabytes of hexadecimal digits.

use crate::ledger::calls::{self, MAKER};
use anyhow::{anyhow, bail, ensure, Context, Result};
use bms_sim::DeviceIdentity;
use codec::Encode;
use pallet_passport::{history, HistoryEntry, HistoryPage, Passport};
use pallet_telemetry::{Device, DeviceState, Page, DEVICES_PER_PAGE};
use passport_primitives::{
	battery::{Category, DocumentHash, PassportId},
	content_address,
	life_cycle::{HistoryKind, Publication, Status},
	telemetry::{device::SignedBy, SequenceWindow},
};
use passport_tests::{call::commitments, program::built};
use serde_json::{Map, Value};
use sp_io::hashing::{blake2_128, twox_128};
use std::{
	fs::File,
	io::{BufWriter, Write},
	ops::Range,
	path::Path,
	process::Command,
	thread,
	time::{Duration, Instant},
};

/// Batteries whose entries are made in one go by one thread: whole pages.
const CHUNK: u32 = 512 * DEVICES_PER_PAGE;

/// Between two entries.
const BETWEEN: &str = ",\n";

/// What was written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
	/// Bytes of the file.
	pub bytes: u64,
	/// Making the entries and writing them.
	pub time: Duration,
}

/// Writes a specification of the `dev` network with this many batteries, numbered as [`calls::passport_id`] and
/// [`DeviceIdentity::derive`] do; battery `n` has device `n`.
pub fn write(file: &Path, seed: &str, batteries: u32) -> Result<Written> {
	let start = Instant::now();
	let specification = dev_specification(&file.with_extension("dev.json"))?;
	let out = File::create(file).with_context(|| format!("can not write {}", file.display()))?;
	let mut out = BufWriter::with_capacity(1 << 20, out);
	write_with(&mut out, specification, seed, batteries)?;
	let out = out.into_inner().map_err(|error| anyhow!("{}", error.error()))?;
	Ok(Written {
		bytes: out.metadata()?.len(),
		time: start.elapsed(),
	})
}

/// The specification of the `dev` network as raw storage.
fn dev_specification(file: &Path) -> Result<Map<String, Value>> {
	let output = Command::new(built("passport-node")?)
		.args(["export-chain-spec", "--chain=dev", "--raw", "--output"])
		.arg(file)
		.output()?;
	ensure!(
		output.status.success(),
		"export-chain-spec: {}",
		String::from_utf8_lossy(&output.stderr)
	);
	match serde_json::from_slice::<Value>(&std::fs::read(file)?)? {
		Value::Object(specification) => Ok(specification),
		_ => bail!("the specification is no object"),
	}
}

/// Writes a specification with the entries of so many batteries besides its own.
fn write_with(
	out: &mut impl Write,
	mut specification: Map<String, Value>,
	seed: &str,
	batteries: u32,
) -> Result<()> {
	let genesis = specification
		.remove("genesis")
		.context("a specification without a genesis")?;
	let top = genesis
		.pointer("/raw/top")
		.and_then(Value::as_object)
		.context("a genesis that is not raw storage")?;
	out.write_all(b"{")?;
	for (name, value) in &specification {
		serde_json::to_writer(&mut *out, name)?;
		out.write_all(b":")?;
		serde_json::to_writer(&mut *out, value)?;
		out.write_all(b",\n")?;
	}
	out.write_all(b"\"genesis\":{\"raw\":{\"childrenDefault\":{},\"top\":{")?;
	let counters = [
		(item("Passport", "CounterForPassports"), batteries),
		(item("Telemetry", "NextDevice"), batteries),
	];
	let mut text = String::new();
	for (key, count) in &counters {
		put(&mut text, key, &count.encode());
	}
	// The first one has nothing before it.
	let mut text = text.trim_start_matches(BETWEEN).to_owned();
	for (key, value) in top {
		// What stands here already as the counters do.
		if counters.iter().any(|(counter, _)| *key == digits(counter)) {
			continue;
		}
		let value = value.as_str().context("a value that is no text")?;
		text.push_str(&format!("{BETWEEN}\"{key}\":\"{value}\""));
	}
	out.write_all(text.as_bytes())?;
	let chunks: Vec<Range<u32>> = (0..batteries)
		.step_by(CHUNK as usize)
		.map(|first| first..batteries.min(first + CHUNK))
		.collect();
	let cores = thread::available_parallelism().map_or(1, usize::from);
	for some in chunks.chunks(cores) {
		let made: Vec<Result<String>> = thread::scope(|scope| {
			let threads: Vec<_> = some
				.iter()
				.map(|numbers| {
					let numbers = numbers.clone();
					scope.spawn(move || entries(seed, numbers))
				})
				.collect();
			threads
				.into_iter()
				.map(|made| made.join().unwrap_or_else(|_| Err(anyhow!("a thread panicked"))))
				.collect()
		});
		for text in made {
			out.write_all(text?.as_bytes())?;
		}
	}
	out.write_all(b"}}}}\n")?;
	out.flush()?;
	Ok(())
}

/// The entries of these batteries; the first is the first of a page.
fn entries(seed: &str, numbers: Range<u32>) -> Result<String> {
	let passports = item("Passport", "Passports");
	let aliases = item("Passport", "Aliases");
	let history_pages = item("Passport", "HistoryPages");
	let pages = item("Telemetry", "Pages");

	let mut text = String::new();
	let mut states = Vec::new();
	for number in numbers.clone() {
		let passport = calls::passport_id(number);
		let (record, entry) = registered(number)?;
		put(
			&mut text,
			&map_key(&passports, &[&passport.encode()]),
			&record.encode(),
		);
		put(
			&mut text,
			&map_key(&aliases, &[&calls::alias(number)]),
			&passport.encode(),
		);
		let page = HistoryPage::<u32>::try_from(vec![entry])
			.map_err(|_| anyhow!("a page has room for one entry"))?;
		put(
			&mut text,
			&map_key(&history_pages, &[&passport.encode(), &0u32.encode()]),
			&page.encode(),
		);

		let public_key = DeviceIdentity::derive(seed, number).public_key();
		states.push(Some(new_state(passport, public_key)));
	}
	for (page, states) in (numbers.start / DEVICES_PER_PAGE..).zip(states.chunks(DEVICES_PER_PAGE as usize)) {
		let states =
			Page::try_from(states.to_vec()).map_err(|_| anyhow!("a page has room for its devices"))?;
		put(&mut text, &map_key(&pages, &[&page.encode()]), &states.encode());
	}
	Ok(text)
}

/// The passport of a battery as `register` makes it, and its history's one entry.
fn registered(number: u32) -> Result<(Passport<u32>, HistoryEntry<u32>)> {
	let identifier = calls::unique_identifier(number);
	let passport = calls::passport_id(number);
	let commitments = commitments(&identifier);
	let organisation = MAKER.organisation();
	let entry = HistoryEntry {
		index: 0,
		kind: HistoryKind::Registered,
		organisation,
		block: 0,
		evidence: commitments[0].map(|commitment| DocumentHash(commitment.0)),
	};
	let address = content_address::of_sha256(&passport.0);
	let record = Passport {
		unique_identifier: identifier
			.into_bytes()
			.try_into()
			.map_err(|_| anyhow!("too long an identifier"))?,
		alias: Some(calls::alias(number)),
		category: Category::ElectricVehicle,
		manufacturer: organisation,
		responsible_operator: organisation,
		owner: organisation,
		operated_by: organisation,
		status: Status::Original,
		publication: Publication::Active,
		threshold: None,
		overridden_at: None,
		commitments,
		content_address: Some(
			address
				.try_into()
				.map_err(|_| anyhow!("too long a content address"))?,
		),
		version: 1,
		predecessors: Default::default(),
		successors: Default::default(),
		history_head: history::extend(&history::first_head(&passport), &entry),
		history_length: 1,
		registered_at: 0,
		devices: vec![number]
			.try_into()
			.map_err(|_| anyhow!("a passport has room for a device"))?,
	};
	Ok((record, entry))
}

/// The state of a device that has sent nothing.
fn new_state(passport: PassportId, public_key: [u8; 32]) -> DeviceState {
	DeviceState {
		device: Device {
			passport,
			maker: MAKER.organisation(),
			signed_by: SignedBy::Battery,
		},
		public_key,
		key_from_sequence: 0,
		revoked: false,
		in_use: true,
		responsible_operator: MAKER.organisation(),
		key_epoch: 0,
		window: SequenceWindow::default(),
		last_seconds: 0,
		history_head: [0; 32],
		frames: 0,
		readings: 0,
	}
}

/// Where an item of a pallet lies: the key of a value, the beginning of a map's.
fn item(pallet: &str, name: &str) -> [u8; 32] {
	let mut key = [0; 32];
	key[..16].copy_from_slice(&twox_128(pallet.as_bytes()));
	key[16..].copy_from_slice(&twox_128(name.as_bytes()));
	key
}

/// Where an entry of a map lies whose keys are hashed with Blake2_128Concat, as all of this ledger are.
fn map_key(item: &[u8; 32], keys: &[&[u8]]) -> Vec<u8> {
	let mut place = item.to_vec();
	for key in keys {
		place.extend_from_slice(&blake2_128(key));
		place.extend_from_slice(key);
	}
	place
}

fn digits(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// Adds an entry, with a comma before it.
fn put(text: &mut String, key: &[u8], value: &[u8]) {
	text.push_str(BETWEEN);
	text.push_str("\"0x");
	text.push_str(&hex::encode(key));
	text.push_str("\":\"0x");
	text.push_str(&hex::encode(value));
	text.push('"');
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Decode;
	use serde_json::json;

	const SEED: &str = "genesis test";

	fn written(batteries: u32) -> Map<String, Value> {
		let Value::Object(specification) = json!({
			"name": "Test",
			"genesis": {"raw": {"top": {
				"0x3a636f6465": "0x00",
				digits(&item("Passport", "CounterForPassports")): "0x00000000",
			}, "childrenDefault": {}}},
		}) else {
			panic!("no object")
		};
		let mut text = Vec::new();
		write_with(&mut text, specification, SEED, batteries).unwrap();
		let read: Value = serde_json::from_slice(&text).unwrap();
		assert_eq!(read["name"], "Test");
		read["genesis"]["raw"]["top"].as_object().unwrap().clone()
	}

	fn value<T: Decode>(top: &Map<String, Value>, key: &[u8]) -> T {
		let value = top[&digits(key)].as_str().unwrap();
		let bytes = hex::decode(value.strip_prefix("0x").unwrap()).unwrap();
		T::decode(&mut bytes.as_slice()).unwrap()
	}

	#[test]
	fn an_item_lies_where_substrate_puts_it() {
		assert_eq!(
			digits(&item("System", "Account")),
			"0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"
		);
	}

	#[test]
	fn every_battery_has_a_passport_and_a_device_that_point_at_each_other() {
		let batteries = CHUNK + 40;
		let top = written(batteries);
		assert_eq!(top["0x3a636f6465"], "0x00");
		assert_eq!(
			value::<u32>(&top, &item("Passport", "CounterForPassports")),
			batteries
		);
		assert_eq!(value::<u32>(&top, &item("Telemetry", "NextDevice")), batteries);
		// Three entries each, a page for sixteen, two counters, the code.
		let pages = batteries.div_ceil(DEVICES_PER_PAGE);
		assert_eq!(top.len() as u32, 3 * batteries + pages + 3);
		for number in [0, 15, 16, CHUNK - 1, CHUNK, batteries - 1] {
			let key = DeviceIdentity::derive(SEED, number).public_key();
			let page = (number / DEVICES_PER_PAGE).encode();
			let states: Page = value(&top, &map_key(&item("Telemetry", "Pages"), &[&page]));
			let state = states[(number % DEVICES_PER_PAGE) as usize].clone().unwrap();
			assert_eq!(
				(state.public_key, state.in_use, state.revoked),
				(key, true, false)
			);
			let device = state.device;
			assert_eq!(device.passport, calls::passport_id(number));
			let place = map_key(&item("Passport", "Passports"), &[&device.passport.encode()]);
			let record: Passport<u32> = value(&top, &place);
			assert_eq!(record.responsible_operator, state.responsible_operator);
			assert_eq!(record.devices.to_vec(), [number]);
			let place = map_key(&item("Passport", "Aliases"), &[&calls::alias(number)]);
			assert_eq!(value::<PassportId>(&top, &place), device.passport);
			let place = map_key(
				&item("Passport", "HistoryPages"),
				&[&device.passport.encode(), &0u32.encode()],
			);
			let page: HistoryPage<u32> = value(&top, &place);
			let first = history::first_head(&device.passport);
			assert_eq!(record.history_head, history::extend(&first, &page[0]));
		}
	}
}
