//! Accounts come and go: what an account signs before it is linked, and what is left when it is unlinked.

use crate::{Config, Error, OrganisationOf, Pallet, RetiredAccounts};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::BlockNumberFor;
use passport_primitives::organisation::OrganisationId;
use sp_runtime::traits::{IdentifyAccount, SaturatedConversion, Saturating, Verify, Zero};

/// A consent to be linked starts with this, so that it can never pass for a transaction or for another proof.
pub const LINK_DOMAIN: &[u8; 11] = b"BPL-LINK-v1";

/// How many blocks ahead the end of a consent can lie: four hours at one block a second. Enough to carry a signature from one
/// machine to the other; a consent that lies around longer is one that its signer has forgotten.
pub const MAX_CONSENT_BLOCKS: u32 = 14_400;

/// What an account signs to act for an organisation: domain, genesis hash, number of the organisation (4 bytes, big endian),
/// the account's SCALE bytes, last block in which the consent counts (4 bytes, big endian).
///
/// Every part has a length of its own on a given network, so no two consents have the same bytes.
pub fn link_message(
	genesis_hash: &[u8],
	organisation: OrganisationId,
	account: &[u8],
	expires_at: u32,
) -> Vec<u8> {
	let mut message = LINK_DOMAIN.to_vec();
	message.extend_from_slice(genesis_hash);
	message.extend_from_slice(&organisation.0.to_be_bytes());
	message.extend_from_slice(account);
	message.extend_from_slice(&expires_at.to_be_bytes());
	message
}

/// The message as a wallet signs it that takes raw bytes from a page: polkadot.js puts them between these two words, so that
/// a page can not get a transaction signed.
pub fn as_wallets_sign(message: &[u8]) -> Vec<u8> {
	let mut wrapped = b"<Bytes>".to_vec();
	wrapped.extend_from_slice(message);
	wrapped.extend_from_slice(b"</Bytes>");
	wrapped
}

/// Whether `account` has signed the message, plain or as wallets sign it.
pub fn is_signed_by<Signature: Verify>(
	proof: &Signature,
	message: &[u8],
	account: &<Signature::Signer as IdentifyAccount>::AccountId,
) -> bool {
	proof.verify(message, account) || proof.verify(as_wallets_sign(message).as_slice(), account)
}

impl<T: Config> Pallet<T> {
	/// That `account` agrees, now, to act for `organisation`.
	pub(crate) fn ensure_consent(
		organisation: OrganisationId,
		account: &T::AccountId,
		expires_at: BlockNumberFor<T>,
		proof: &T::Signature,
	) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(expires_at >= now, Error::<T>::ConsentExpired);
		ensure!(
			expires_at <= now.saturating_add(MAX_CONSENT_BLOCKS.into()),
			Error::<T>::ConsentTooLong
		);
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let message = link_message(
			genesis.as_ref(),
			organisation,
			&account.encode(),
			expires_at.saturated_into(),
		);
		ensure!(is_signed_by(proof, &message, account), Error::<T>::NoConsent);
		Ok(())
	}

	/// Adds an account to an organisation that there is already.
	pub(crate) fn add_account(organisation: OrganisationId, account: &T::AccountId) -> DispatchResult {
		Self::mutate(organisation, |member| {
			Self::link(organisation, account)?;
			member
				.accounts
				.try_push(account.clone())
				.map_err(|_| Error::<T>::TooManyAccounts)?;
			Ok(())
		})
	}

	/// Lets an account transact for an organisation: the provider reference that `CheckNonce` asks for, and the link.
	pub(crate) fn link(organisation: OrganisationId, account: &T::AccountId) -> DispatchResult {
		ensure!(
			!RetiredAccounts::<T>::contains_key(account),
			Error::<T>::AccountRetired
		);
		OrganisationOf::<T>::try_mutate(account, |linked| {
			ensure!(linked.is_none(), Error::<T>::AccountInUse);
			frame_system::Pallet::<T>::inc_providers(account);
			*linked = Some(organisation);
			Ok(())
		})
	}

	/// Takes both away, for good.
	///
	/// Without a provider the system pallet forgets the account, its nonce too. Were it linked again, the nonce would count
	/// from zero, and whoever kept the account's old immortal transactions could send each of them once more. So it never is.
	pub(crate) fn unlink(account: &T::AccountId) -> DispatchResult {
		frame_system::Pallet::<T>::dec_providers(account)?;
		OrganisationOf::<T>::remove(account);
		RetiredAccounts::<T>::insert(account, ());
		Ok(())
	}
}
