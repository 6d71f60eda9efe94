//! Waiting for a condition, never for a time.

use anyhow::{bail, Context, Result};
use std::time::Duration;
use tokio::time::{sleep, Instant};

/// How long a test waits for what takes seconds on a machine that has nothing else to do.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Between two looks: a tenth of a block.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Asks until there is an answer. An error ends the waiting at once; what may pass is `None`.
pub async fn until<Answer>(
	what: &str,
	patience: Duration,
	mut ask: impl AsyncFnMut() -> Result<Option<Answer>>,
) -> Result<Answer> {
	let deadline = Instant::now() + patience;
	loop {
		if let Some(answer) = ask().await.with_context(|| format!("waiting for: {what}"))? {
			return Ok(answer);
		}
		if Instant::now() > deadline {
			bail!("{what}: not within {} s", patience.as_secs());
		}
		sleep(LOOK_EVERY).await;
	}
}
