//! The report of a run: one line of JSON for each frame that the broker acknowledged.

use std::{
	fs::{File, OpenOptions},
	io::{self, Write},
	path::Path,
	sync::{Mutex, PoisonError},
};

use bms_core::Urgency;
use serde::{Deserialize, Serialize};

/// One line. The names are snake case, with their units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
	/// What the battery is called.
	pub alias: String,
	/// The frame's sequence.
	pub sequence: u64,
	/// When it was first handed to the MQTT client, in ms since 1970. A frame from a state directory that a process before
	/// had published counts from this process.
	pub published_at_unix_ms: u64,
	/// When its PUBACK or PUBCOMP came, in ms since 1970.
	pub acked_at_unix_ms: u64,
	/// How many readings it carries.
	pub readings: u8,
	/// Its length, in bytes.
	pub bytes: u16,
	/// Which topic it went to.
	pub kind: Kind,
}

/// Which topic a frame went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
	/// `telemetry/frame`.
	Telemetry,
	/// `alerts/critical`.
	Alert,
}

impl From<Urgency> for Kind {
	fn from(urgency: Urgency) -> Self {
		match urgency {
			Urgency::Routine => Kind::Telemetry,
			Urgency::Alert => Kind::Alert,
		}
	}
}

/// A file that lines are appended to, by any number of connections.
pub struct Report(Option<Mutex<File>>);

impl Report {
	/// No file: lines are dropped.
	pub fn none() -> Self {
		Report(None)
	}

	/// Appends to a file, so that the reports of a fleet that is restarted stand one after the other.
	pub fn append_to(path: &Path) -> io::Result<Self> {
		Ok(Report(Some(Mutex::new(
			OpenOptions::new().create(true).append(true).open(path)?,
		))))
	}

	/// Writes a line, at once and whole.
	pub fn write(&self, line: &Acknowledged) -> io::Result<()> {
		let Some(file) = &self.0 else { return Ok(()) };
		let mut text = serde_json::to_vec(line)?;
		text.push(b'\n');
		file.lock()
			.unwrap_or_else(PoisonError::into_inner)
			.write_all(&text)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lines_are_appended_and_read_back() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("report.jsonl");
		let line = Acknowledged {
			alias: "BAT-2026-LI-000001".into(),
			sequence: 7,
			published_at_unix_ms: 1_800_000_000_000,
			acked_at_unix_ms: 1_800_000_000_012,
			readings: 60,
			bytes: 1_500,
			kind: Kind::Alert,
		};
		for _ in 0..2 {
			Report::append_to(&path).unwrap().write(&line).unwrap();
		}
		let text = std::fs::read_to_string(&path).unwrap();
		let lines: Vec<Acknowledged> = text
			.lines()
			.map(|line| serde_json::from_str(line).unwrap())
			.collect();
		assert_eq!(lines, [line.clone(), line]);
		assert!(text.starts_with(
			r#"{"alias":"BAT-2026-LI-000001","sequence":7,"published_at_unix_ms":1800000000000,"acked_at_unix_ms":1800000000012,"readings":60,"bytes":1500,"kind":"alert"}"#
		));
	}
}
