//! Checking what devices state about their state of health.

use crate::{Config, DeviceIndex, Error, Event, LastStatement, Pallet, StateOfHealthThresholdBp};
use frame_support::{ensure, traits::UnixTime};
use passport_primitives::{
	battery::DocumentHash,
	ledger::{Membership, PassportRefusal, Passports},
	telemetry::{
		statement::{ThresholdStatement, MAX_STATEMENT_AGE_SECONDS},
		MAX_AHEAD_SECONDS,
	},
};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	/// Checks a statement and has the passport write it down. Cheap checks come before the signature.
	pub(crate) fn do_submit_statement(
		device: DeviceIndex,
		statement: &ThresholdStatement,
		signature: &[u8; 64],
	) -> DispatchResult {
		let state = Self::state_of(device).ok_or(Error::<T>::DeviceNotFound)?;
		let passport = state.device.passport;
		ensure!(!state.revoked, Error::<T>::DeviceRevoked);
		let facts = T::Passports::facts(&passport).ok_or(Error::<T>::PassportNotFound)?;
		ensure!(facts.is_in_use(), Error::<T>::PassportNotInUse);
		ensure!(
			T::Members::active_roles(facts.responsible_operator).is_some(),
			Error::<T>::OperatorNotActive
		);
		let ThresholdStatement {
			threshold_bp,
			at_or_above,
			made_at_seconds,
		} = *statement;
		ensure!(
			threshold_bp == StateOfHealthThresholdBp::<T>::get(),
			Error::<T>::OtherThreshold
		);
		let now_seconds = T::Time::now().as_secs();
		ensure!(
			made_at_seconds <= now_seconds.saturating_add(MAX_AHEAD_SECONDS),
			Error::<T>::StatementFromTheFuture
		);
		ensure!(
			made_at_seconds.saturating_add(MAX_STATEMENT_AGE_SECONDS) >= now_seconds,
			Error::<T>::StatementTooOld
		);
		// Each is taken once, and none that the device has since gone back on.
		ensure!(
			made_at_seconds > LastStatement::<T>::get(device),
			Error::<T>::StatementNotNew
		);
		let message = statement.message(&Self::genesis_hash(), &passport);
		ensure!(
			sp_io::crypto::ed25519_verify(&(*signature).into(), &message, &state.public_key.into()),
			Error::<T>::BadStatementSignature
		);
		let evidence = sp_io::hashing::sha2_256(&[message.as_slice(), signature].concat());
		T::Passports::record_threshold_statement(
			&passport,
			at_or_above,
			threshold_bp,
			DocumentHash(evidence),
		)
		.map_err(|refusal| match refusal {
			PassportRefusal::NotFound => Error::<T>::PassportNotFound,
			PassportRefusal::NotActive => Error::<T>::PassportNotInUse,
			PassportRefusal::HistoryFull => Error::<T>::HistoryFull,
		})?;
		LastStatement::<T>::insert(device, made_at_seconds);
		Self::deposit_event(Event::ThresholdStated {
			device,
			passport,
			at_or_above,
			threshold_bp,
		});
		Ok(())
	}
}
