//! The one question of every telemetry test: is what devices were told is taken on the ledger, each frame once, and
//! nothing else?

use crate::{
	battery::Battery,
	finalised::{FinalisedFrames, FrameKey},
	until,
};
use anyhow::{ensure, Context, Result};
use passport_client::Ledger;
use std::{collections::BTreeSet, time::Duration};

/// Waits until every acknowledged frame is in a final block, then holds both sides against each other.
pub async fn nothing_lost_nothing_twice<'a>(
	ledger: &Ledger,
	frames: &mut FinalisedFrames,
	acknowledged: &BTreeSet<FrameKey>,
	batteries: impl IntoIterator<Item = &'a Battery>,
	patience: Duration,
) -> Result<()> {
	let waited = until("every acknowledged frame is final", patience, async || {
		frames.catch_up(ledger).await?;
		Ok(acknowledged.is_subset(&frames.taken()).then_some(()))
	})
	.await;
	let taken = frames.taken();
	let missing: Vec<_> = acknowledged.difference(&taken).collect();
	waited.with_context(|| {
		format!(
			"{} of {} are missing: {missing:?}",
			missing.len(),
			acknowledged.len()
		)
	})?;
	let unasked: Vec<_> = taken.difference(acknowledged).collect();
	ensure!(
		unasked.is_empty(),
		"on the ledger, but acknowledged to nobody: {unasked:?}"
	);
	ensure!(
		frames.taken_twice().is_empty(),
		"taken twice: {:?}",
		frames.taken_twice()
	);
	for battery in batteries {
		// The ledger's own count: it knows of frames that this program did not see.
		let view = ledger
			.device(battery.device)
			.await?
			.with_context(|| format!("{} has no device", battery.alias))?;
		let expected = acknowledged
			.iter()
			.filter(|(device, _)| *device == battery.device);
		ensure!(
			view.frames as usize == expected.clone().count(),
			"{}: the ledger counts {} frames, {} were acknowledged",
			battery.alias,
			view.frames,
			expected.count()
		);
		let highest = expected.map(|(_, sequence)| *sequence).max().unwrap_or(0);
		ensure!(
			view.window.highest() == highest,
			"{}: the ledger's highest sequence is {}, not {highest}",
			battery.alias,
			view.window.highest()
		);
	}
	Ok(())
}
