//! The types that the node and the runtime must agree on without sharing code.
//!
//! They mirror `runtime/src/lib.rs`. A node whose types differ from the runtime's decodes nonsense, which shows at the
//! first block: headers no longer hash to what their children name as parent.

use sp_runtime::{generic, traits::BlakeTwo256, AccountId32, OpaqueExtrinsic};

/// Height of a block. At one block per second 32 bits last 136 years.
pub type BlockNumber = u32;

/// Hash of a block, of an extrinsic, or of a trie node.
pub type Hash = sp_core::H256;

/// The public key of a member's account, or the address of its multisig or proxy.
pub type AccountId = AccountId32;

/// How many extrinsics an account has had included.
pub type Nonce = u32;

/// A block whose extrinsics stay bytes: only the runtime knows what they mean.
pub type Block = generic::Block<generic::Header<BlockNumber, BlakeTwo256>, OpaqueExtrinsic>;
