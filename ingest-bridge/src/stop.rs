//! The wish to stop, told to every task.

use tokio::sync::watch;

/// Tells the tasks to stop. Dropping it tells them too.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Told when to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// A stopper and what hears it.
pub fn channel() -> (Stopper, Stop) {
	let (sender, receiver) = watch::channel(false);
	(Stopper(sender), Stop(receiver))
}

impl Stopper {
	/// Tells everyone to stop.
	pub fn stop(&self) {
		self.0.send_replace(true);
	}
}

impl Stop {
	/// Whether it is time to stop.
	pub fn is_requested(&self) -> bool {
		*self.0.borrow() || self.0.has_changed().is_err()
	}

	/// Waits until it is time to stop.
	pub async fn requested(&self) {
		let mut receiver = self.0.clone();
		// An error says that the stopper is gone: a reason to stop as well.
		let _gone = receiver.wait_for(|stop| *stop).await;
	}
}
