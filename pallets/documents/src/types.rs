//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use passport_primitives::{content_address::MAX_CID_BYTES, data_set::DataSet, organisation::OrganisationId};
use scale_info::TypeInfo;

/// Most documents under a passport at a time: the documents of conformity, dismantling, transport and recycling of one
/// battery, several versions of each. Closing a passport drops them all in one call, so they have to be few.
pub const MAX_DOCUMENTS_PER_PASSPORT: u32 = 64;

/// Documents of a passport up to which members that have no part in the battery may add to them: a workshop or a recycler may anchor
/// a document of any battery, and shall not be able to take the room that its operator needs.
pub const MAX_DOCUMENTS_FOR_OTHERS: u32 = MAX_DOCUMENTS_PER_PASSPORT / 2;

/// Content address (CIDv1) of a document's bytes, as they are stored: encrypted, unless they belong to data set 1.
pub type ContentAddress = BoundedVec<u8, ConstU32<MAX_CID_BYTES>>;

/// Number of a document under its passport, from 0; never given again as long as the passport lives.
pub type DocumentNumber = u32;

/// What a document is.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum DocumentKind {
	/// EU declaration of conformity: Art. 18, Annex XIII point 1.
	DeclarationOfConformity,
	/// Results of tests proving compliance: Annex XIII point 3.
	TestReport,
	/// Certificate of a notified body or a quality assurer.
	Certificate,
	/// How to take the battery apart: Annex XIII point 2.
	DismantlingManual,
	/// Safety measures: Annex XIII point 2.
	SafetyInstructions,
	/// Information on the prevention and management of waste batteries: Art. 74, Annex XIII point 1.
	WasteInformation,
	/// Written authorisation of another operator: Art. 77(4).
	WrittenAuthorisation,
	/// Consignment note, customs document.
	TransportDocument,
	/// What a service centre has found and done.
	MaintenanceReport,
	/// What became of the battery: Art. 71.
	RecyclingReport,
	/// Anything else.
	Other,
}

impl DocumentKind {
	/// Every kind.
	pub const ALL: [DocumentKind; 11] = [
		DocumentKind::DeclarationOfConformity,
		DocumentKind::TestReport,
		DocumentKind::Certificate,
		DocumentKind::DismantlingManual,
		DocumentKind::SafetyInstructions,
		DocumentKind::WasteInformation,
		DocumentKind::WrittenAuthorisation,
		DocumentKind::TransportDocument,
		DocumentKind::MaintenanceReport,
		DocumentKind::RecyclingReport,
		DocumentKind::Other,
	];

	/// Name on the wire.
	pub const fn name(self) -> &'static str {
		match self {
			DocumentKind::DeclarationOfConformity => "declarationOfConformity",
			DocumentKind::TestReport => "testReport",
			DocumentKind::Certificate => "certificate",
			DocumentKind::DismantlingManual => "dismantlingManual",
			DocumentKind::SafetyInstructions => "safetyInstructions",
			DocumentKind::WasteInformation => "wasteInformation",
			DocumentKind::WrittenAuthorisation => "writtenAuthorisation",
			DocumentKind::TransportDocument => "transportDocument",
			DocumentKind::MaintenanceReport => "maintenanceReport",
			DocumentKind::RecyclingReport => "recyclingReport",
			DocumentKind::Other => "other",
		}
	}
}

/// An anchored document.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Document<BlockNumber> {
	/// Where its bytes are found, and what they are checked against.
	pub content_address: ContentAddress,
	/// What it is.
	pub kind: DocumentKind,
	/// The data set that it belongs to: decides who may read it, Annex XIII.
	pub data_set: DataSet,
	/// Length of its bytes, as stored: at least 1.
	pub size_bytes: u64,
	/// Who anchored it, itself or by a delegate, and disposes of it.
	pub uploader: OrganisationId,
	/// Block in which it was anchored.
	pub anchored_at: BlockNumber,
}

/// How many documents a passport has and has had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Count {
	/// The number that the next document gets.
	pub next: DocumentNumber,
	/// Documents that are anchored now: at most [`MAX_DOCUMENTS_PER_PASSPORT`].
	pub anchored: u32,
}
