//! Sets the version that `passport-node --version` prints.

use substrate_build_script_utils::generate_cargo_keys;

/// The commit that a release is built from; release scripts set it.
const COMMIT: &str = "SUBSTRATE_CLI_GIT_COMMIT_HASH";

fn main() {
	// Asking git here and watching its HEAD, as is usual, would link the node anew after each commit; asking without
	// watching would name a commit that is not the one that was built. So a build names a commit only if it is told.
	if std::env::var_os(COMMIT).is_none() {
		std::env::set_var(COMMIT, "");
	}
	generate_cargo_keys();

	println!("cargo:rerun-if-changed=build.rs");
	println!("cargo:rerun-if-env-changed={COMMIT}");
}
