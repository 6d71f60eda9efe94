//! View functions, asked as a node asks them: by the name of the runtime's API, SCALE in and SCALE out. The ledger is the one that
//! the stories of `passport-fuzz` begin with, where there is something of everything.

mod chain;

use chain::on_local_chain;
use codec::{Decode, DecodeAll, Encode};
use frame_support::view_functions::{ViewFunction, ViewFunctionDispatchError, ViewFunctionId};
use pallet_access_grant::GrantsOfViewFunction;
use pallet_documents::DocumentViewFunction;
use pallet_organisations::QuotaViewFunction;
use pallet_ownership_transfer::TransferViewFunction;
use pallet_passport::{PassportViewFunction, ResolveViewFunction};
use pallet_proxy::IsSupersetViewFunction;
use pallet_validators::TradeSharesViewFunction;
use passport_fuzz::chain::after_the_prologue;
use passport_primitives::organisation::OrganisationId;
use passport_runtime::{
	AccessGrant, Documents, Organisations, OwnershipTransfer, Passport, Proxy, ProxyType, Runtime, Validators,
};

/// What the runtime answers a node.
fn execute(id: &ViewFunctionId, arguments: &[u8]) -> Result<Vec<u8>, ViewFunctionDispatchError> {
	let answer = passport_runtime::apis::api::dispatch(
		"RuntimeViewFunction_execute_view_function",
		&(id, arguments).encode(),
	);
	let answer = answer.expect("the runtime has this API");
	Decode::decode(&mut answer.as_slice()).expect("the API answers with this type")
}

/// What a view function answers to these arguments.
fn ask<F>(arguments: &impl Encode) -> F::ReturnType
where
	F: ViewFunction,
	F::ReturnType: DecodeAll,
{
	let answer = execute(&F::id(), &arguments.encode()).expect("the view function is there");
	F::ReturnType::decode_all(&mut answer.as_slice()).expect("it answers with what it returns")
}

#[test]
fn each_pallets_view_functions_answer_through_the_runtimes_api() {
	after_the_prologue(|_| {
		let (passport, record) = pallet_passport::Passports::<Runtime>::iter()
			.next()
			.expect("there are passports");
		let name = record.unique_identifier.to_vec();
		assert_eq!(Passport::resolve(name.clone()), Some(passport));
		assert_eq!(ask::<ResolveViewFunction<Runtime>>(&name), Some(passport));
		assert_eq!(Passport::passport(passport), Some(record.clone()));
		assert_eq!(ask::<PassportViewFunction<Runtime>>(&passport), Some(record));

		let (transfer, offer) = pallet_ownership_transfer::Transfers::<Runtime>::iter()
			.next()
			.expect("there are offers");
		assert_eq!(OwnershipTransfer::transfer(transfer), Some(offer.clone()));
		assert_eq!(ask::<TransferViewFunction<Runtime>>(&transfer), Some(offer));

		let grant = pallet_access_grant::Grants::<Runtime>::iter_values()
			.next()
			.expect("there are grants");
		let of_passport = AccessGrant::grants_of(grant.passport, 0);
		assert!(!of_passport.is_empty());
		assert_eq!(
			ask::<GrantsOfViewFunction<Runtime>>(&(grant.passport, 0u32)),
			of_passport
		);

		let (passport, number, document) = pallet_documents::Documents::<Runtime>::iter()
			.next()
			.expect("there are documents");
		assert_eq!(Documents::document(passport, number), Some(document.clone()));
		assert_eq!(
			ask::<DocumentViewFunction<Runtime>>(&(passport, number)),
			Some(document)
		);

		let quota = Organisations::quota(OrganisationId(1));
		assert!(quota.is_some());
		assert_eq!(ask::<QuotaViewFunction<Runtime>>(&OrganisationId(1)), quota);

		let shares = Validators::trade_shares();
		assert!(!shares.is_empty());
		assert_eq!(ask::<TradeSharesViewFunction<Runtime>>(&()), shares);

		for (to_check, against, is_superset) in [
			(ProxyType::Ledger, ProxyType::Telemetry, true),
			(ProxyType::Telemetry, ProxyType::Ledger, false),
		] {
			assert_eq!(Proxy::is_superset(to_check, against), is_superset);
			assert_eq!(
				ask::<IsSupersetViewFunction<Runtime>>(&(to_check, against)),
				is_superset
			);
		}
	});
}

#[test]
fn an_unknown_view_function_and_other_arguments_are_refused() {
	on_local_chain(|| {
		let quota = QuotaViewFunction::<Runtime>::id();
		let of_no_pallet = ViewFunctionId {
			prefix: [0; 16],
			suffix: quota.suffix,
		};
		let of_no_name = ViewFunctionId {
			prefix: quota.prefix,
			suffix: [0; 16],
		};
		for id in [of_no_pallet, of_no_name] {
			assert!(matches!(
				execute(&id, &OrganisationId(1).encode()),
				Err(ViewFunctionDispatchError::NotFound(_))
			));
		}
		for arguments in [vec![], vec![1, 0, 0, 0, 0]] {
			assert!(matches!(
				execute(&quota, &arguments),
				Err(ViewFunctionDispatchError::Codec)
			));
		}
	});
}
