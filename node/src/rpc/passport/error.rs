//! Why a `passport_*` method fails, and the one table of its JSON-RPC codes.
//!
//! Substrate's own modules take 1000 to 8999 by thousands, JSON-RPC takes what is below -32000.

use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};

/// Why there is no answer. Codes are never given a second meaning.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
	/// 9001: an argument is not of the form that the method takes.
	Malformed(String),
	/// 9002: this node does not know the block, or no longer has its state.
	BlockUnknown(String),
	/// 9003: at this block the ledger has nothing of that name or number.
	NotFound(String),
	/// 9004: the runtime or the database failed; asking again elsewhere may help.
	Runtime(String),
	/// 9005: the block is known, and this node has nothing that proves it to be final.
	NotProvable(String),
}

impl Error {
	/// The number in the error object.
	pub fn code(&self) -> i32 {
		match self {
			Error::Malformed(_) => 9001,
			Error::BlockUnknown(_) => 9002,
			Error::NotFound(_) => 9003,
			Error::Runtime(_) => 9004,
			Error::NotProvable(_) => 9005,
		}
	}
}

impl std::fmt::Display for Error {
	fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		let (Error::Malformed(reason)
		| Error::BlockUnknown(reason)
		| Error::NotFound(reason)
		| Error::Runtime(reason)
		| Error::NotProvable(reason)) = self;
		formatter.write_str(reason)
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		ErrorObject::owned(error.code(), error.to_string(), None::<()>)
	}
}

/// The block itself was looked up before: what is missing is its state.
fn pruned(reason: &str) -> Error {
	Error::BlockUnknown(format!(
		"the state of the block is pruned here, ask an archive node: {reason}"
	))
}

impl From<sp_blockchain::Error> for Error {
	fn from(error: sp_blockchain::Error) -> Self {
		match error {
			sp_blockchain::Error::UnknownBlock(reason) => pruned(&reason),
			other => Error::Runtime(format!("the database did not answer: {other}")),
		}
	}
}

impl From<sp_api::ApiError> for Error {
	fn from(error: sp_api::ApiError) -> Self {
		match error {
			sp_api::ApiError::UnknownBlock(reason) => pruned(&reason),
			other => Error::Runtime(format!("the runtime did not answer: {other}")),
		}
	}
}
