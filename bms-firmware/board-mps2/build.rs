//! Gives the linker the board's map of memory. `link.x` comes from `cortex-m-rt` and reads both files.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
	let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
	for file in ["memory.x", "device.x"] {
		fs::copy(file, out.join(file))?;
		println!("cargo:rerun-if-changed={file}");
	}
	println!("cargo:rustc-link-search={}", out.display());
	Ok(())
}
