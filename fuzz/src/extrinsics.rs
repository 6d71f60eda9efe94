//! Extrinsics: whatever comes over the wire is decoded or refused, encodes to the same bytes again, and is validated or refused.

use crate::chain;
use codec::{DecodeLimit, Encode};
use frame_support::{dispatch::GetDispatchInfo, MAX_EXTRINSIC_DEPTH};
use passport_runtime::{
	AccountId, Executive, Nonce, Runtime, RuntimeCall, Signature, SignedPayload, System, TxExtension,
	UncheckedExtrinsic,
};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	generic::{CheckedExtrinsic, Era, ExtrinsicFormat, Preamble},
	traits::Applyable,
	transaction_validity::{TransactionSource, TransactionValidity},
	MultiAddress,
};

/// Takes bytes for an extrinsic. Panics when what was decoded does not encode to the same bytes, and when validating panics: as it
/// is, and as if Alice had signed it, for nobody guesses a signature. `None` for bytes that are no extrinsic.
pub fn take(data: &[u8]) -> Option<TransactionValidity> {
	// As the runtime's API decodes it.
	let mut input = data;
	let extrinsic = UncheckedExtrinsic::decode_all_with_depth_limit(MAX_EXTRINSIC_DEPTH, &mut input).ok()?;
	assert_eq!(extrinsic.encode(), data, "another encoding of {extrinsic:?}");
	let call = extrinsic.function.encode();
	let again = RuntimeCall::decode_all_with_depth_limit(MAX_EXTRINSIC_DEPTH, &mut call.as_slice());
	assert_eq!(again.as_ref(), Ok(&extrinsic.function), "another call");

	let as_from_alice = as_from(Sr25519Keyring::Alice.to_account_id(), &extrinsic);
	let info = as_from_alice.get_dispatch_info();
	let source = TransactionSource::External;
	// Whatever the answer is.
	let _ = chain::on_genesis(|| as_from_alice.validate::<Runtime>(source, &info, data.len()));
	Some(chain::on_genesis(|| {
		let genesis_hash = System::block_hash(0);
		Executive::validate_transaction(source, extrinsic, genesis_hash)
	}))
}

/// The extrinsic without its signature, as if this account had signed.
fn as_from(
	account: AccountId,
	extrinsic: &UncheckedExtrinsic,
) -> CheckedExtrinsic<AccountId, RuntimeCall, TxExtension> {
	let format = match extrinsic.preamble.clone() {
		Preamble::Bare(_) => ExtrinsicFormat::Bare,
		Preamble::Signed(_, _, extension) => ExtrinsicFormat::Signed(account, extension),
		Preamble::General(extension) => ExtrinsicFormat::General(extension),
	};
	CheckedExtrinsic {
		format,
		function: extrinsic.function.clone(),
	}
}

/// A call that is signed for the chain at genesis.
pub fn signed(pair: &sr25519::Pair, nonce: Nonce, call: RuntimeCall) -> UncheckedExtrinsic {
	let extension: TxExtension = (
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::Immortal),
		pallet_organisations::CheckMembership::default(),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		frame_system::WeightReclaim::new(),
	);
	let signature = chain::on_genesis(|| {
		SignedPayload::new(call.clone(), extension.clone())
			.expect("an immortal transaction has all that it implies")
			.using_encoded(|payload| pair.sign(payload))
	});
	UncheckedExtrinsic::new_signed(
		call,
		MultiAddress::Id(AccountId::from(pair.public())),
		Signature::Sr25519(signature),
		extension,
	)
}
