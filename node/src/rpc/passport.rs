//! `passport_*`: the ledger read without SCALE, metadata or a client library.
//!
//! Every method takes a block hash as last, optional argument and answers with the [`Answer`] of that block, of the best
//! one without it. Each reads by the runtime API [`PassportLedgerApi`], so that decoding is the runtime's of that block:
//! an old block is read by the rules that it was made under.

mod answer;
mod argument;
mod error;
#[cfg(test)]
mod tests;

use crate::block::{Block, Hash};
use answer::Answer;
use argument::{data_set, CommitmentText, OrganisationArgument, OrganisationReference, PassportReference};
use error::Error;
use jsonrpsee::proc_macros::rpc;
use passport_primitives::battery::PassportId;
use passport_runtime_api::{
	DeviceView, DocumentView, GrantView, OrganisationView, PassportAnswer, PassportLedgerApi, TransferView,
	Verification,
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

	/// A device by its number.
	#[method(name = "passport_device", blocking)]
	fn device(&self, device: u32, at: Option<Hash>) -> Result<Answer<DeviceView>, Error>;

	/// The devices of a battery, the current one last.
	#[method(name = "passport_devices", blocking)]
	fn devices(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<DeviceView>>, Error>;

	/// Requests for access to a passport, and grants.
	#[method(name = "passport_grants", blocking)]
	fn grants(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<GrantView>>, Error>;

	/// An open offer to transfer ownership, by its number.
	#[method(name = "passport_transfer", blocking)]
	fn transfer(&self, transfer: u32, at: Option<Hash>) -> Result<Answer<TransferView>, Error>;

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
			let number = match &reference {
				OrganisationReference::Number(number) => Some(*number),
				OrganisationReference::Account(account) => api.organisation_of(at, account.clone().into())?,
			};
			match number {
				Some(number) => api.organisation(at, number)?.ok_or_else(|| reference.not_found()),
				None => Err(reference.not_found()),
			}
		})
	}

	fn device(&self, device: u32, at: Option<Hash>) -> Result<Answer<DeviceView>, Error> {
		self.answer(at, |api, at| {
			api.device(at, device)?
				.ok_or_else(|| Error::NotFound(format!("there is no device {device}")))
		})
	}

	fn devices(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<DeviceView>>, Error> {
		self.list(&passport, at, passport_runtime_api::PassportLedgerApi::devices_of)
	}

	fn grants(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<GrantView>>, Error> {
		self.list(&passport, at, passport_runtime_api::PassportLedgerApi::grants_of)
	}

	fn transfer(&self, transfer: u32, at: Option<Hash>) -> Result<Answer<TransferView>, Error> {
		self.answer(at, |api, at| {
			api.transfer(at, transfer)?
				.ok_or_else(|| Error::NotFound(format!("there is no open transfer offer {transfer}")))
		})
	}

	fn documents(&self, passport: String, at: Option<Hash>) -> Result<Answer<Vec<DocumentView>>, Error> {
		self.list(
			&passport,
			at,
			passport_runtime_api::PassportLedgerApi::documents_of,
		)
	}
}
