//! A proof as it comes: the answer of a node, saved whole or in part.

use passport_runtime_api::proof::PassportProof;
use serde_json::Value;

/// Why a file is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofFileError {
	/// Not JSON.
	#[error("this is no JSON: {0}")]
	NotJson(#[source] serde_json::Error),
	/// The node answered with an error.
	#[error("the node did not answer with a proof: {0}")]
	NodeError(Value),
	/// JSON, but no proof.
	#[error("this is no answer of passport_proof: {0}")]
	NotAProof(#[source] serde_json::Error),
}

/// Reads a proof: the JSON-RPC response to `passport_proof`, its `result`, or the `value` in that.
pub fn read_proof(json: &[u8]) -> Result<PassportProof, ProofFileError> {
	let mut document: Value = serde_json::from_slice(json).map_err(ProofFileError::NotJson)?;
	if let Some(error) = document.get_mut("error") {
		return Err(ProofFileError::NodeError(error.take()));
	}
	for wrapper in ["result", "value"] {
		if let Some(wrapped) = document.get_mut(wrapper) {
			document = wrapped.take();
		}
	}
	serde_json::from_value(document).map_err(ProofFileError::NotAProof)
}
