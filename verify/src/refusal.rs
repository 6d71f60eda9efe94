//! Why a proof proves nothing.

use passport_primitives::{
	battery::PassportId,
	telemetry::{
		anchor::{AnchorId, Offence},
		FrameError,
	},
};
use sp_consensus_grandpa::{AuthorityId, SetId};
use sp_core::H256;

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
	/// A header is not SCALE.
	#[error("a header can not be decoded")]
	HeaderEncoding,
	/// A justification is not SCALE.
	#[error("the justification of block {block} can not be decoded")]
	JustificationEncoding {
		/// Of which block.
		block: u32,
	},
	/// A validator set that nobody is in, or whose weights add up to more than 64 bits.
	#[error("validator set {set} can not vote")]
	PowerlessSet {
		/// Which.
		set: SetId,
	},
	/// The changes of the validator set begin after the trusted one.
	#[error("the proof begins with validator set {first}, but set {trusted} is the one that is trusted")]
	BeginsAfterTrustedSet {
		/// The first set in the proof.
		first: SetId,
		/// The trusted set.
		trusted: SetId,
	},
	/// The block was finalised by a set before the trusted one.
	#[error(
		"the block was finalised by validator set {last}, before set {trusted}, the one that is trusted"
	)]
	EndsBeforeTrustedSet {
		/// The last set in the proof.
		last: SetId,
		/// The trusted set.
		trusted: SetId,
	},
	/// A block is not above the one that named its validators.
	#[error(
		"block {block} is not above block {named_in}, which named the validators that are to finalise it"
	)]
	NotAboveItsValidators {
		/// Which.
		block: u32,
		/// The block that named the validators.
		named_in: u32,
	},
	/// A block that should change the validator set does not.
	#[error("block {block} does not change the validator set")]
	NoSetChange {
		/// Which.
		block: u32,
	},
	/// The set was changed without its own consent, after it had failed. Trust has to begin anew with the set after it.
	#[error("block {block} changes the validator set by force: trust has to begin with the set after it")]
	ForcedSetChange {
		/// Which.
		block: u32,
	},
	/// The set changes some blocks later. The ledger has no such changes.
	#[error("block {block} changes the validator set with a delay, which this network never does")]
	DelayedSetChange {
		/// Which.
		block: u32,
	},
	/// A justification finalises another block.
	#[error("the justification beside block {block} is that of another block")]
	JustifiesAnotherBlock {
		/// Beside which block it stood.
		block: u32,
	},
	/// Somebody voted who is not in the set.
	#[error("the justification of block {block} has a vote of {voter}, who is not in validator set {set}")]
	ForeignVote {
		/// Of which block.
		block: u32,
		/// The set that was to finalise it.
		set: SetId,
		/// Whose vote.
		voter: AuthorityId,
	},
	/// A vote's signature is wrong.
	#[error("the justification of block {block} has a vote of {voter} that it did not sign for validator set {set}")]
	BadSignature {
		/// Of which block.
		block: u32,
		/// The set that was to finalise it.
		set: SetId,
		/// Whose vote.
		voter: AuthorityId,
	},
	/// The votes are too few, or for blocks that are not shown to be above the one in question.
	#[error("the votes in the justification of block {block} are no two thirds of validator set {set}")]
	NotFinal {
		/// Of which block.
		block: u32,
		/// The set that was to finalise it.
		set: SetId,
	},
	/// Two headers that follow each other are not parent and child.
	#[error("the header that follows the one of block {block} is not that of its child")]
	BrokenAncestry {
		/// The parent.
		block: u32,
	},
	/// A value can not be reached from the state root: a trie node is missing or has been changed.
	#[error("the storage proof does not lead from the block's state root to {what}")]
	BrokenStorageProof {
		/// The value.
		what: &'static str,
	},
	/// A value that every block has is not there.
	#[error("the block's state has no {what}")]
	MissingValue {
		/// The value.
		what: &'static str,
	},
	/// A value is proven, and of a form that this program does not know: that of an earlier or a later runtime.
	#[error("{what} is proven, but of a form that this version of passport-verify can not read")]
	UnknownForm {
		/// The value.
		what: &'static str,
	},
	/// The state is that of another network.
	#[error("the block belongs to the network with genesis {found:?}, not to {expected:?}")]
	OtherNetwork {
		/// The trusted network's genesis hash.
		expected: H256,
		/// That of the block's state.
		found: H256,
	},
	/// The proof is about another passport than the one in question.
	#[error("the proof is about passport {found}, not about {expected}")]
	OtherPassport {
		/// The passport in question.
		expected: PassportId,
		/// That of the proof.
		found: PassportId,
	},
	/// The frame or the proof is of another device than the one in question; or the proof than the frame.
	#[error("this is of device {found}, not of device {expected}")]
	OtherDevice {
		/// The device in question; where none is named, the one that the frame was anchored for.
		expected: u32,
		/// That of the frame, or of the proof.
		found: u32,
	},
	/// The frame is another one of the device than the one in question.
	#[error("the frame has sequence {found}, not {expected}")]
	OtherSequence {
		/// The sequence in question.
		expected: u64,
		/// That of the frame.
		found: u64,
	},
	/// The proof is about another anchor than the one in question.
	#[error("the proof is about anchor {} in stream {} of {}, not about the one in question", .found.number, .found.stream, .found.bridge)]
	OtherAnchor {
		/// That of the proof.
		found: AnchorId,
	},
	/// The anchor was not there yet, or not any more.
	#[error("the block has no anchor {} in stream {} of {}", .anchor.number, .anchor.stream, .anchor.bridge)]
	NoSuchAnchor {
		/// Which.
		anchor: AnchorId,
	},
	/// The batch has a leaf that no honest bridge would have anchored.
	#[error("the bridge was convicted of this anchor ({offence:?}): it is not to be relied on")]
	Convicted {
		/// What was shown.
		offence: Offence,
	},
	/// The device was not registered yet, or its battery's passport was closed.
	#[error("the block has no device {device}")]
	NoSuchDevice {
		/// Its number.
		device: u32,
	},
	/// The hashes lead to another root, or are not as many as the place in the batch asks for.
	#[error("the proof does not lead from the frame to the anchor's root")]
	NotInAnchor,
	/// The leaf is in the anchor: the bridge can be disputed.
	#[error("what is anchored there is no frame: {0}")]
	NotAFrame(#[source] FrameError),
	/// The frame is in the anchor: the bridge can be disputed.
	#[error("the frame is anchored, and signed for this network and its battery by no key that device {device} has had")]
	NotSigned {
		/// The device that it was anchored for.
		device: u32,
	},
	/// Frames are missing from a history, or there are too many.
	#[error("there are {shown} frames, and the ledger had taken {taken}")]
	OtherNumberOfFrames {
		/// How many the ledger had taken.
		taken: u32,
		/// How many were shown.
		shown: u64,
	},
	/// As many frames as the ledger had taken, but not the same, or in another order.
	#[error("the frames lead to {found:?}, and the ledger's rolling hash is {expected:?}")]
	OtherHistory {
		/// The ledger's rolling hash.
		expected: H256,
		/// That over the frames.
		found: H256,
	},
	/// The record does not name its battery, and nobody but the node that answered said which one it is of.
	#[error("the proof is of {record}: say with --passport of which unique identifier")]
	NobodysRecord {
		/// The record.
		record: &'static str,
	},
}
