//! `passport_*`: the ledger read without SCALE, metadata or a client library.
//!
//! Every method takes a block hash as last, optional argument and answers with the [`Answer`] of that block, of the best
//! one without it. Each reads by the runtime API [`PassportLedgerApi`], so that decoding is the runtime's of that block:
//! an old block is read by the rules that it was made under.

mod answer;
mod argument;
mod error;
mod proof;
mod telemetry_proof;
#[cfg(test)]
mod tests;

pub use proof::{NodeRecords, ProofApiServer, Proofs};
pub use telemetry_proof::TelemetryProofApiServer;

use crate::block::{Block, Hash};
use answer::Answer;
use argument::{data_set, CommitmentText, OrganisationArgument, OrganisationReference, PassportReference};
use error::Error;
use jsonrpsee::proc_macros::rpc;
use passport_primitives::{battery::PassportId, organisation::OrganisationId, telemetry::anchor::AnchorId};
use passport_runtime_api::{
	AccessTableView, AnchorView, AnchorsView, AuthorityEnvelopeView, DelegationView, DeviceView,
	DocumentView, GrantView, HistoryPageView, OrganisationView, PassportAnswer, PassportLedgerApi, QuotaView,
	RecyclingBatchView, TransferView, ValidatorsView, Verification,
};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// The methods. `passport` is a passport id (0x and 64 hex digits), a unique identifier, or an alias.
// Blocking: each executes WASM for milliseconds, which must not hold up the server's other connections.
#[rpc(server)]
pub trait PassportApi {
	/// A passport: live with its commitments, or ceased with what is left of it.
	#[method(name = "passport_get", blocking)]
	fn get(&self, passport: String, at: Option<Hash>) -> Result<Answer<PassportAnswer>, Error>;

	/// One page of a passport's history, from page 0. A page after the last has no entries.
	#[method(name = "passport_history", blocking)]
	fn history(
		&self,
		passport: String,
		page: Option<u32>,
		at: Option<Hash>,
	) -> Result<Answer<HistoryPageView>, Error>;

	/// Whom the responsible operator has authorised to act in its place.
	#[method(name = "passport_delegations", blocking)]
	fn delegations(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<DelegationView>>, Error>;

	/// A recycling batch by its number.
	#[method(name = "passport_recyclingBatch", blocking)]
	fn recycling_batch(&self, batch: u32, at: Option<Hash>) -> Result<Answer<RecyclingBatchView>, Error>;

	/// Whether the ledger holds `commitment` (0x and 64 hex digits) for a data set (1 to 4, Annex XIII).
	///
	/// A passport that does not exist is an answer here, not an error: the question has one, and it is no.
	#[method(name = "passport_verify", blocking)]
	fn verify(
		&self,
		passport: String,
		data_set: u8,
		commitment: String,
		at: Option<Hash>,
	) -> Result<Answer<Verification>, Error>;

	/// A member of the consortium by its number, or by an account that acts for it (SS58, or 0x and 64 hex digits).
	#[method(name = "passport_organisation", blocking)]
	fn organisation(
		&self,
		organisation: OrganisationArgument,
		at: Option<Hash>,
	) -> Result<Answer<OrganisationView>, Error>;

	/// What a member may use of the chain in a period, and has used. Named as for `passport_organisation`.
	#[method(name = "passport_quota", blocking)]
	fn quota(&self, organisation: OrganisationArgument, at: Option<Hash>)
		-> Result<Answer<QuotaView>, Error>;

	/// The validators, and how many of them each trade holds.
	#[method(name = "passport_validators", blocking)]
	fn validators(&self, at: Option<Hash>) -> Result<Answer<ValidatorsView>, Error>;

	/// Who may see what, and the authorities that every passport owes envelopes.
	#[method(name = "passport_accessTable", blocking)]
	fn access_table(&self, at: Option<Hash>) -> Result<Answer<AccessTableView>, Error>;

	/// A device by its number.
	#[method(name = "passport_device", blocking)]
	fn device(&self, device: u32, at: Option<Hash>) -> Result<Answer<DeviceView>, Error>;

	/// The devices of a battery, the current one last.
	#[method(name = "passport_devices", blocking)]
	fn devices(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<DeviceView>>, Error>;

	/// A batch of frames that a bridge has anchored, as long as it is on the ledger. The bridge is named as for
	/// `passport_organisation`.
	#[method(name = "passport_anchor", blocking)]
	fn anchor(
		&self,
		bridge: OrganisationArgument,
		stream: u32,
		number: u64,
		at: Option<Hash>,
	) -> Result<Answer<AnchorView>, Error>;

	/// One page of the anchors of a stream: those from number `from` on; from the oldest that is on the ledger without it. The
	/// page after the last is empty.
	#[method(name = "passport_anchors", blocking)]
	fn anchors(
		&self,
		bridge: OrganisationArgument,
		stream: u32,
		from: Option<u64>,
		at: Option<Hash>,
	) -> Result<Answer<AnchorsView>, Error>;

	/// Requests for access to a passport, and grants.
	#[method(name = "passport_grants", blocking)]
	fn grants(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<GrantView>>, Error>;

	/// One page of the requests and grants of a member, under whatever passport: those after grant number `after`, the last
	/// one of the page before; from the start without it. The page after the last is empty.
	#[method(name = "passport_grantsTo", blocking)]
	fn grants_to(
		&self,
		organisation: OrganisationArgument,
		after: Option<u32>,
		at: Option<Hash>,
	) -> Result<Answer<Vec<GrantView>>, Error>;

	/// The keys that authorities have under a passport without asking, and those that they are owed.
	#[method(name = "passport_authorityEnvelopes", blocking)]
	fn authority_envelopes(
		&self,
		passport: String,
		at: Option<Hash>,
	) -> Result<Answer<Vec<AuthorityEnvelopeView>>, Error>;

	/// An open offer to transfer ownership, by its number.
	#[method(name = "passport_transfer", blocking)]
	fn transfer(&self, transfer: u32, at: Option<Hash>) -> Result<Answer<TransferView>, Error>;

	/// The open offers that a passport is in: one at most.
	#[method(name = "passport_transfers", blocking)]
	fn transfers(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<TransferView>>, Error>;

	/// The documents that are anchored under a passport.
	#[method(name = "passport_documents", blocking)]
	fn documents(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<DocumentView>>, Error>;
}

/// Serves [`PassportApiServer`] from a client.
pub struct Passports<Client> {
	client: Arc<Client>,
}

impl<Client> Passports<Client>
where
	Client: ProvideRuntimeApi<Block> + HeaderBackend<Block>,
	Client::Api: PassportLedgerApi<Block>,
{
	/// Serves from `client`.
	pub fn new(client: Arc<Client>) -> Self {
		Self { client }
	}

	/// Reads at a block, and says at which.
	fn answer<T>(
		&self,
		at: Option<Hash>,
		read: impl FnOnce(&Client::Api, Hash) -> Result<T, Error>,
	) -> Result<Answer<T>, Error> {
		let info = self.client.info();
		let at = at.unwrap_or(info.best_hash);
		let number = self
			.client
			.number(at)?
			.ok_or_else(|| Error::BlockUnknown(format!("block {at:?} is unknown here")))?;
		// A height below the finalised one is not enough: the block may lie on a fork that lost.
		let finalised = number <= info.finalized_number && self.client.hash(number)? == Some(at);
		let value = read(&self.client.runtime_api(), at)?;
		Ok(Answer {
			at,
			block_number: number,
			finalised,
			value,
		})
	}

	/// Reads a list that belongs to a passport. Empty means that the passport has none: without a passport it is an error.
	fn list<T>(
		&self,
		passport: &str,
		at: Option<Hash>,
		read: impl FnOnce(&Client::Api, Hash, PassportId) -> Result<Vec<T>, sp_api::ApiError>,
	) -> Result<Answer<Vec<T>>, Error> {
		let reference = PassportReference::parse(passport)?;
		self.answer(at, |api, at| {
			let id = reference.resolve(api, at)?.ok_or_else(|| reference.not_found())?;
			let list = read(api, at, id)?;
			if list.is_empty() && api.passport(at, id)?.is_none() {
				return Err(reference.not_found());
			}
			Ok(list)
		})
	}
}

/// Reads what belongs to a member.
fn of_member<Api: PassportLedgerApi<Block>, T>(
	reference: &OrganisationReference,
	api: &Api,
	at: Hash,
	read: impl FnOnce(OrganisationId) -> Result<Option<T>, sp_api::ApiError>,
) -> Result<T, Error> {
	match reference.resolve(api, at)? {
		Some(number) => read(number)?.ok_or_else(|| reference.not_found()),
		None => Err(reference.not_found()),
	}
}

/// A device that is there.
fn find_device<Api: PassportLedgerApi<Block>>(api: &Api, at: Hash, device: u32) -> Result<DeviceView, Error> {
	api.device(at, device)?
		.ok_or_else(|| Error::NotFound(format!("there is no device {device}")))
}

/// An anchor that is on the ledger.
fn find_anchor<Api: PassportLedgerApi<Block>>(
	api: &Api,
	at: Hash,
	anchor: &AnchorId,
) -> Result<AnchorView, Error> {
	let AnchorId {
		bridge,
		stream,
		number,
	} = *anchor;
	api.anchor(at, bridge, stream, number)?.ok_or_else(|| {
		Error::NotFound(format!(
			"there is no anchor {number} in stream {stream} of this member"
		))
	})
}

impl<Client> PassportApiServer for Passports<Client>
where
	Client: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
	Client::Api: PassportLedgerApi<Block>,
{
	fn get(&self, passport: String, at: Option<Hash>) -> Result<Answer<PassportAnswer>, Error> {
		let reference = PassportReference::parse(&passport)?;
		self.answer(at, |api, at| match reference.resolve(api, at)? {
			Some(id) => api.passport(at, id)?.ok_or_else(|| reference.not_found()),
			None => Err(reference.not_found()),
		})
	}

	fn history(
		&self,
		passport: String,
		page: Option<u32>,
		at: Option<Hash>,
	) -> Result<Answer<HistoryPageView>, Error> {
		let reference = PassportReference::parse(&passport)?;
		self.answer(at, |api, at| match reference.resolve(api, at)? {
			Some(id) => api
				.history_of(at, id, page.unwrap_or(0))?
				.ok_or_else(|| reference.not_found()),
			None => Err(reference.not_found()),
		})
	}

	fn delegations(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<DelegationView>>, Error> {
		self.list(
			&passport,
			at,
			passport_runtime_api::PassportLedgerApi::delegations_of,
		)
	}

	fn recycling_batch(&self, batch: u32, at: Option<Hash>) -> Result<Answer<RecyclingBatchView>, Error> {
		self.answer(at, |api, at| {
			api.recycling_batch(at, batch)?
				.ok_or_else(|| Error::NotFound(format!("there is no recycling batch {batch}")))
		})
	}

	fn verify(
		&self,
		passport: String,
		point: u8,
		commitment: String,
		at: Option<Hash>,
	) -> Result<Answer<Verification>, Error> {
		let reference = PassportReference::parse(&passport)?;
		let data_set = data_set(point)?;
		let CommitmentText(commitment) = commitment.parse()?;
		self.answer(at, |api, at| match reference.resolve(api, at)? {
			Some(id) => Ok(api.verify(at, id, data_set, commitment)?),
			None => Ok(Verification::PassportNotFound),
		})
	}

	fn organisation(
		&self,
		organisation: OrganisationArgument,
		at: Option<Hash>,
	) -> Result<Answer<OrganisationView>, Error> {
		let reference = OrganisationReference::try_from(organisation)?;
		self.answer(at, |api, at| {
			of_member(&reference, api, at, |number| api.organisation(at, number))
		})
	}

	fn quota(
		&self,
		organisation: OrganisationArgument,
		at: Option<Hash>,
	) -> Result<Answer<QuotaView>, Error> {
		let reference = OrganisationReference::try_from(organisation)?;
		self.answer(at, |api, at| {
			of_member(&reference, api, at, |number| api.quota(at, number))
		})
	}

	fn validators(&self, at: Option<Hash>) -> Result<Answer<ValidatorsView>, Error> {
		self.answer(at, |api, at| Ok(api.validators(at)?))
	}

	fn access_table(&self, at: Option<Hash>) -> Result<Answer<AccessTableView>, Error> {
		self.answer(at, |api, at| Ok(api.access_table(at)?))
	}

	fn device(&self, device: u32, at: Option<Hash>) -> Result<Answer<DeviceView>, Error> {
		self.answer(at, |api, at| find_device(api, at, device))
	}

	fn devices(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<DeviceView>>, Error> {
		self.list(&passport, at, passport_runtime_api::PassportLedgerApi::devices_of)
	}

	fn anchor(
		&self,
		bridge: OrganisationArgument,
		stream: u32,
		number: u64,
		at: Option<Hash>,
	) -> Result<Answer<AnchorView>, Error> {
		let reference = OrganisationReference::try_from(bridge)?;
		self.answer(at, |api, at| {
			let bridge = of_member(&reference, api, at, |bridge| Ok(Some(bridge)))?;
			let anchor = AnchorId {
				bridge,
				stream,
				number,
			};
			find_anchor(api, at, &anchor)
		})
	}

	fn anchors(
		&self,
		bridge: OrganisationArgument,
		stream: u32,
		from: Option<u64>,
		at: Option<Hash>,
	) -> Result<Answer<AnchorsView>, Error> {
		let reference = OrganisationReference::try_from(bridge)?;
		self.answer(at, |api, at| {
			of_member(&reference, api, at, |bridge| {
				api.anchors_of(at, bridge, stream, from).map(Some)
			})?
			.ok_or_else(|| Error::NotFound(format!("there is no stream {stream} of this member")))
		})
	}

	fn grants(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<GrantView>>, Error> {
		self.list(&passport, at, passport_runtime_api::PassportLedgerApi::grants_of)
	}

	fn grants_to(
		&self,
		organisation: OrganisationArgument,
		after: Option<u32>,
		at: Option<Hash>,
	) -> Result<Answer<Vec<GrantView>>, Error> {
		let reference = OrganisationReference::try_from(organisation)?;
		self.answer(at, |api, at| {
			of_member(&reference, api, at, |number| {
				let grants = api.grants_to(at, number, after)?;
				// Empty means that the member has no more: without a member it is an error.
				let is_member = !grants.is_empty() || api.organisation(at, number)?.is_some();
				Ok(is_member.then_some(grants))
			})
		})
	}

	fn authority_envelopes(
		&self,
		passport: String,
		at: Option<Hash>,
	) -> Result<Answer<Vec<AuthorityEnvelopeView>>, Error> {
		self.list(
			&passport,
			at,
			passport_runtime_api::PassportLedgerApi::authority_envelopes_of,
		)
	}

	fn transfer(&self, transfer: u32, at: Option<Hash>) -> Result<Answer<TransferView>, Error> {
		self.answer(at, |api, at| {
			api.transfer(at, transfer)?
				.ok_or_else(|| Error::NotFound(format!("there is no open transfer offer {transfer}")))
		})
	}

	fn transfers(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<TransferView>>, Error> {
		self.list(
			&passport,
			at,
			passport_runtime_api::PassportLedgerApi::transfers_of,
		)
	}

	fn documents(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<DocumentView>>, Error> {
		self.list(
			&passport,
			at,
			passport_runtime_api::PassportLedgerApi::documents_of,
		)
	}
}
