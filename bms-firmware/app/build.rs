//! Links by `cortex-m-rt`'s script. The board gives the map of memory.

fn main() {
	println!("cargo:rustc-link-arg-bins=-Tlink.x");
	// Sections are not padded to pages: there is no operating system that would map them.
	println!("cargo:rustc-link-arg-bins=--nmagic");
}
