//! `passport-verify` as somebody runs it who has an answer of `passport_proof` in a file, and no node.

use crate::program::{built, folder};
use anyhow::{ensure, Context, Result};
use serde_json::Value;
use std::process::Command;

/// What is proven about a passport, with the arguments that say whom the verifier trusts. Errors: nothing is proven, and why.
pub fn verified(proof: &Value, passport: &str, trusted: &[&str]) -> Result<Value> {
	let folder = folder("verifier")?;
	std::fs::write(folder.join("proof.json"), serde_json::to_vec(proof)?)?;
	let output = Command::new(built("passport-verify")?)
		.arg("proof.json")
		.args(trusted)
		.args(["--passport", passport])
		.current_dir(&folder)
		.env_clear()
		.output()?;
	ensure!(
		output.status.success(),
		"{}",
		String::from_utf8_lossy(&output.stderr).trim()
	);
	serde_json::from_slice(&output.stdout).context("what was proven is no JSON")
}
