//! The committed metadata, which clients are generated from, is that of this runtime.
//!
//! `UPDATE_METADATA=1 cargo test --release -p passport-runtime --test metadata` (or `scripts/update-metadata`) writes it anew.

use passport_runtime::Runtime;
use std::{fs, path::Path};

/// Metadata V15: the newest that polkadot.js 16 and subxt 0.51 both read.
const VERSION: u32 = 15;

#[test]
fn the_committed_metadata_is_the_runtimes() {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../client/metadata/passport.scale");
	let metadata: Vec<u8> =
		(*Runtime::metadata_at_version(VERSION).expect("the runtime has this version")).clone();
	if std::env::var_os("UPDATE_METADATA").is_some() {
		fs::create_dir_all(path.parent().expect("the path has a folder")).expect("the folder can be made");
		fs::write(&path, &metadata).expect("the metadata can be written");
	}
	let committed = fs::read(&path).expect("client/metadata/passport.scale is committed");
	assert!(
		committed == metadata,
		"calls, events or storage changed: run scripts/update-metadata and commit client/metadata/passport.scale"
	);
}
