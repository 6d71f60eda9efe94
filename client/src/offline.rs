//! The committed metadata, for tests without a node.

use subxt::{
	config::polkadot::{PolkadotConfig, SpecVersionForRange},
	Metadata, OfflineClient, OfflineClientAtBlock,
};

/// A client that knows the committed metadata and no node.
pub(crate) fn offline() -> OfflineClientAtBlock<PolkadotConfig> {
	let metadata = Metadata::decode_from(include_bytes!("../metadata/passport.scale")).unwrap();
	let config = PolkadotConfig::builder()
		.use_historic_types(false)
		.set_metadata_for_spec_versions([(1, metadata.arc())])
		.set_spec_version_for_block_ranges([SpecVersionForRange {
			block_range: 0..u64::MAX,
			spec_version: 1,
			transaction_version: 1,
		}])
		.build();
	OfflineClient::new_with_config(config).at_block(0_u64).unwrap()
}
