//! Dead letters that are to be judged again. Whoever may write to the data directory asks by a file in it: so it reaches a
//! bridge that runs, waits for one that does not, and needs no port that anyone could reach.

use serde::{Deserialize, Serialize};
use std::{
	fs,
	io::{self, Write},
	path::Path,
};

/// The file of a request.
const FILE: &str = "replay.json";

/// Which letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
	/// Those with these reasons.
	pub reasons: Vec<String>,
	/// Those with these numbers. With neither reasons nor numbers all are meant.
	pub numbers: Vec<u64>,
	/// Only numbers below this one: what is written later was not seen by who asked.
	pub below: u64,
}

impl Request {
	/// Whether the letter is one of them.
	pub fn means(&self, number: u64, reason: &str) -> bool {
		let named = self.reasons.iter().any(|named| named == reason) || self.numbers.contains(&number);
		number < self.below && (named || (self.reasons.is_empty() && self.numbers.is_empty()))
	}
}

/// Asks the bridge on the data directory, which need not run.
///
/// An error of kind `AlreadyExists`: it was asked before and has not done it yet.
pub fn ask(data: &Path, request: &Request) -> io::Result<()> {
	let part = data.join(format!("{FILE}.{}.part", std::process::id()));
	let mut file = fs::File::create(&part)?;
	file.write_all(&serde_json::to_vec(request)?)?;
	file.sync_all()?;
	// Whole or not at all, and never over another one.
	let linked = fs::hard_link(&part, data.join(FILE));
	fs::remove_file(&part)?;
	linked
}

/// What the bridge was asked.
pub async fn asked(data: &Path) -> io::Result<Option<Request>> {
	match tokio::fs::read(data.join(FILE)).await {
		Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
		Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
		Err(error) => Err(error),
	}
}

/// It is done.
pub async fn done(data: &Path) -> io::Result<()> {
	tokio::fs::remove_file(data.join(FILE)).await
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn letters_are_meant_by_reason_by_number_or_all_and_never_later_ones() {
		let request = |reasons: &[&str], numbers: &[u64]| Request {
			reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
			numbers: numbers.to_vec(),
			below: 10,
		};
		/// Reasons and numbers of a request; number and reason of a letter; whether the letter is meant.
		type Case = (&'static [&'static str], &'static [u64], u64, &'static str, bool);
		let cases: [Case; 6] = [
			(&[], &[], 9, "stale", true),
			(&[], &[], 10, "stale", false),
			(&["stale"], &[], 3, "stale", true),
			(&["stale"], &[], 3, "too_old", false),
			(&["stale"], &[3], 3, "too_old", true),
			(&[], &[3], 4, "too_old", false),
		];
		for (reasons, numbers, number, reason, meant) in cases {
			assert_eq!(
				request(reasons, numbers).means(number, reason),
				meant,
				"{reasons:?} {numbers:?} {number} {reason}"
			);
		}
	}

	#[tokio::test]
	async fn a_second_request_waits_for_the_first() {
		let directory = tempfile::tempdir().unwrap();
		let request = Request {
			reasons: vec!["stale".into()],
			numbers: vec![7],
			below: 8,
		};
		assert_eq!(asked(directory.path()).await.unwrap(), None);
		ask(directory.path(), &request).unwrap();
		let again = ask(directory.path(), &request).unwrap_err();
		assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
		assert_eq!(asked(directory.path()).await.unwrap(), Some(request.clone()));
		done(directory.path()).await.unwrap();
		ask(directory.path(), &request).unwrap();
		// Nothing else is left in the directory.
		assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
	}
}
