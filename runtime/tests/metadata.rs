//! The committed metadata, which clients are generated from, is that of this runtime, and no call has changed for those who
//! signed it before without a new transaction version.
//!
//! `UPDATE_METADATA=1 cargo test --release -p passport-runtime --test metadata` (or `scripts/update-metadata`) writes both files
//! anew.

use passport_runtime::{Runtime, RuntimeCall};
use scale_info::{form::PortableForm, meta_type, Field, PortableRegistry, Registry, Type, TypeDef, Variant};
use std::{fs, path::Path};

/// Metadata V15: the newest that polkadot.js 16 and subxt 0.51 both read.
const VERSION: u32 = 15;

fn is_update() -> bool {
	std::env::var_os("UPDATE_METADATA").is_some()
}

#[test]
fn the_committed_metadata_is_the_runtimes() {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../client/metadata/passport.scale");
	let metadata: Vec<u8> =
		(*Runtime::metadata_at_version(VERSION).expect("the runtime has this version")).clone();
	if is_update() {
		fs::create_dir_all(path.parent().expect("the path has a folder")).expect("the folder can be made");
		fs::write(&path, &metadata).expect("the metadata can be written");
	}
	let committed = fs::read(&path).expect("client/metadata/passport.scale is committed");
	assert!(
		committed == metadata,
		"calls, events or storage changed: run scripts/update-metadata and commit client/metadata/passport.scale"
	);
}

#[test]
fn no_call_changes_without_a_new_transaction_version() {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calls.txt");
	let built = calls_of_the_runtime();
	if is_update() && !path.exists() {
		fs::write(&path, &built).expect("the calls can be written");
	}
	let committed = fs::read_to_string(&path)
		.expect("runtime/tests/calls.txt is committed: run scripts/update-metadata, which writes it");
	let changes = unversioned_changes(&committed, &built);
	assert!(
		changes.is_empty(),
		"a call that had another index, other arguments or is gone needs a new transaction_version in runtime/src/lib.rs, \
		 so that nobody's signature is taken for another call; there were:\n{}",
		changes.join("\n")
	);
	if is_update() {
		fs::write(&path, &built).expect("the calls can be written");
	} else {
		assert!(
			committed == built,
			"calls were added or transaction_version was raised: run scripts/update-metadata and commit runtime/tests/calls.txt"
		);
	}
}

#[test]
fn what_was_committed_stands_until_the_version_is_raised() {
	let committed = "transaction_version 2\n1 0 A.first(x: u8)\n1 1 A.second()\n";
	for (built, changes) in [
		(
			"transaction_version 2\n1 0 A.first(x: u8)\n1 1 A.second()\n1 2 A.third()\n",
			vec![],
		),
		(
			"transaction_version 2\n1 0 A.first(x: u16)\n1 1 A.second()\n",
			vec!["1 0 A.first(x: u8)"],
		),
		(
			"transaction_version 2\n1 0 A.first(x: u8)\n1 2 A.second()\n",
			vec!["1 1 A.second()"],
		),
		(
			"transaction_version 2\n1 0 A.first(x: u8)\n",
			vec!["1 1 A.second()"],
		),
		("transaction_version 3\n1 0 A.first(x: u16)\n", vec![]),
		(
			"transaction_version 1\n1 0 A.first(x: u8)\n1 1 A.second()\n",
			vec!["transaction_version 2"],
		),
	] {
		assert_eq!(unversioned_changes(committed, built), changes, "{built}");
	}
}

#[test]
fn a_call_is_told_by_indices_name_and_the_shape_of_its_arguments() {
	let calls = calls_of_the_runtime();
	for call in [
		"0 0 System.remark(remark: [u8])",
		"1 0 Timestamp.set(now: compact u64)",
		"40 0 Utility.batch(calls: [passport_runtime::RuntimeCall])",
	] {
		assert!(
			calls.lines().any(|line| line == call),
			"{call} is not in\n{calls}"
		);
	}
}

/// The committed lines that are no longer so, unless the version was raised. What was signed for such a call would do something
/// else, or nothing.
fn unversioned_changes<'a>(committed: &'a str, built: &str) -> Vec<&'a str> {
	if transaction_version(built) > transaction_version(committed) {
		return Vec::new();
	}
	committed
		.lines()
		.filter(|committed| !built.lines().any(|line| line == *committed))
		.collect()
}

fn transaction_version(calls: &str) -> u32 {
	calls
		.lines()
		.next()
		.and_then(|line| line.strip_prefix("transaction_version "))
		.and_then(|version| version.parse().ok())
		.expect("the first line has the transaction version")
}

/// The transaction version, and a line for each call: index of the pallet, index of the call, names, and the arguments by the
/// shape of their encoding.
fn calls_of_the_runtime() -> String {
	let mut registry = Registry::new();
	let all = registry.register_type(&meta_type::<RuntimeCall>()).id;
	let registry = PortableRegistry::from(registry);
	let mut calls = Vec::new();
	for pallet in variants(&registry, all) {
		let of_pallet = pallet
			.fields
			.first()
			.expect("each pallet has an enum of calls")
			.ty
			.id;
		for call in variants(&registry, of_pallet) {
			let arguments = fields(&registry, &call.fields, &mut vec![all, of_pallet]);
			let name = format!("{}.{}", pallet.name, call.name);
			calls.push((pallet.index, call.index, format!("{name}({arguments})")));
		}
	}
	calls.sort_unstable();
	let mut text = format!(
		"transaction_version {}\n",
		passport_runtime::VERSION.transaction_version
	);
	for (pallet, call, shape) in calls {
		text += &format!("{pallet} {call} {shape}\n");
	}
	text
}

fn described(registry: &PortableRegistry, id: u32) -> &Type<PortableForm> {
	registry
		.resolve(id)
		.expect("a registry has all types that it names")
}

fn variants(registry: &PortableRegistry, id: u32) -> &[Variant<PortableForm>] {
	let variants = match &described(registry, id).type_def {
		TypeDef::Variant(calls) => Some(calls.variants.as_slice()),
		_ => None,
	};
	variants.expect("calls are an enum")
}

/// How values of a type are encoded. A type within itself, as the calls in a call that carries some, is told by its path.
/// `within` are the types around it.
fn shape(registry: &PortableRegistry, id: u32, within: &mut Vec<u32>) -> String {
	let described = described(registry, id);
	if within.contains(&id) {
		return described.path.to_string();
	}
	within.push(id);
	let shape = match &described.type_def {
		TypeDef::Composite(composite) => match composite.fields.as_slice() {
			[field] if field.name.is_none() => shape(registry, field.ty.id, within),
			several => format!("({})", fields(registry, several, within)),
		},
		TypeDef::Variant(choices) => {
			let choices: Vec<_> = choices
				.variants
				.iter()
				.map(|choice| {
					let fields = fields(registry, &choice.fields, within);
					let carried = if fields.is_empty() {
						fields
					} else {
						format!("({fields})")
					};
					format!("{} {}{carried}", choice.index, choice.name)
				})
				.collect();
			format!("<{}>", choices.join(" | "))
		}
		TypeDef::Sequence(sequence) => format!("[{}]", shape(registry, sequence.type_param.id, within)),
		TypeDef::Array(array) => format!(
			"[{}; {}]",
			shape(registry, array.type_param.id, within),
			array.len
		),
		TypeDef::Tuple(tuple) => {
			let parts: Vec<_> = tuple
				.fields
				.iter()
				.map(|part| shape(registry, part.id, within))
				.collect();
			format!("({})", parts.join(", "))
		}
		TypeDef::Primitive(primitive) => format!("{primitive:?}").to_lowercase(),
		TypeDef::Compact(compact) => format!("compact {}", shape(registry, compact.type_param.id, within)),
		TypeDef::BitSequence(_) => "bits".into(),
	};
	within.pop();
	shape
}

/// Names and shapes of the fields of a struct, of what an enum carries, or of a call's arguments.
fn fields(registry: &PortableRegistry, fields: &[Field<PortableForm>], within: &mut Vec<u32>) -> String {
	let shapes: Vec<_> = fields
		.iter()
		.map(|field| {
			let shape = shape(registry, field.ty.id, within);
			match &field.name {
				Some(name) => format!("{name}: {shape}"),
				None => shape,
			}
		})
		.collect();
	shapes.join(", ")
}
