//! Content addresses: CIDv1 with a 32-byte digest, the only ones that the ledger takes.

use alloc::vec::Vec;

/// Longest content address in bytes: version, codec (at most 4), hash function (at most 4), length, digest of 32.
pub const MAX_CID_BYTES: u32 = 64;

/// multihash code of SHA-256.
pub const SHA2_256: u64 = 0x12;
/// multihash code of BLAKE2b-256, what the node's own block store serves by.
pub const BLAKE2B_256: u64 = 0xb220;
/// multicodec `raw`.
pub const RAW: u64 = 0x55;

/// Why bytes are no content address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentAddressError {
	/// Not a CID, or bytes follow it.
	#[error("the bytes are no CID")]
	Malformed,
	/// CIDv0, which does not say how its content is encoded.
	#[error("the CID is not of version 1")]
	Version,
	/// Another hash than SHA-256 and BLAKE2b-256, or a shortened one.
	#[error("the CID's hash is neither SHA-256 nor BLAKE2b-256")]
	Hash,
}

/// Checks that bytes are exactly one CIDv1 with a SHA-256 or BLAKE2b-256 digest of 32 bytes.
pub fn check(bytes: &[u8]) -> Result<(), ContentAddressError> {
	let cid = cid::Cid::try_from(bytes).map_err(|_| ContentAddressError::Malformed)?;
	if cid.version() != cid::Version::V1 {
		return Err(ContentAddressError::Version);
	}
	if !matches!(cid.hash().code(), SHA2_256 | BLAKE2B_256) || cid.hash().size() != 32 {
		return Err(ContentAddressError::Hash);
	}
	if cid.to_bytes() != bytes {
		return Err(ContentAddressError::Malformed);
	}
	Ok(())
}

/// The CIDv1 (`raw`) of content whose SHA-256 is known.
pub fn of_sha256(digest: &[u8; 32]) -> Vec<u8> {
	[&[0x01, RAW as u8, SHA2_256 as u8, 32], digest.as_slice()].concat()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_cid_of_known_content_is_taken() {
		let cid = of_sha256(&[5; 32]);
		assert_eq!(check(&cid), Ok(()));
		assert!(cid::Cid::try_from(cid.as_slice())
			.unwrap()
			.to_string()
			.starts_with("bafkrei"));
	}

	#[test]
	fn each_rule_has_its_error() {
		let cid = of_sha256(&[5; 32]);
		assert_eq!(check(&[]), Err(ContentAddressError::Malformed));
		assert_eq!(check(&cid[..35]), Err(ContentAddressError::Malformed));
		assert_eq!(
			check(&[cid.as_slice(), &[0]].concat()),
			Err(ContentAddressError::Malformed)
		);
		let version_0 = [&[0x12, 32], [5; 32].as_slice()].concat();
		assert_eq!(check(&version_0), Err(ContentAddressError::Version));
		let sha1 = [&[0x01, 0x55, 0x11, 20], [5; 20].as_slice()].concat();
		assert_eq!(check(&sha1), Err(ContentAddressError::Hash));
		let short = [&[0x01, 0x55, 0x12, 16], [5; 16].as_slice()].concat();
		assert_eq!(check(&short), Err(ContentAddressError::Hash));
	}
}
