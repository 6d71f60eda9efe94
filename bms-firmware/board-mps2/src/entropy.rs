//! Randomness: the host's, by semihosting.
//!
//! QEMU's board has no source of its own, and an image that made one up would make keys that anyone can repeat. So it asks the
//! host, and has none where the host gives none. **For emulators alone**: a real board has a TRNG.

use cortex_m_semihosting::nr;

use crate::semihosting::File;

/// The host gave no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host gave no random bytes")]
pub struct NoEntropy;

/// The host's source of randomness.
pub struct HostEntropy(File);

impl HostEntropy {
	pub(crate) fn open() -> Option<Self> {
		File::open(c"/dev/urandom", nr::open::R_BINARY).map(HostEntropy)
	}

	/// Fills the bytes.
	pub fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
		self.0.read_next(bytes).then_some(()).ok_or(NoEntropy)
	}
}
