//! Which roles a call needs: the list that the pool refuses by.
//!
//! The list is explicit. A call that is not on it is for nobody: a new call of an upgraded pallet is closed until somebody
//! decides whom it is for. Where the right to a call comes from standing in a relation to a battery (its owner, its responsible
//! operator), the pool lets every member through and the pallet decides.

use crate::{AccountId, Runtime, RuntimeCall};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::InstanceFilter;
use pallet_organisations::{CallRule, ClassifyCall};
use pallet_passport::{PLACING_ROLES, RECYCLING_ROLES, SECOND_LIFE_ROLES};
use passport_primitives::organisation::{Role, Roles};
use scale_info::TypeInfo;

/// Everybody who may ask for access: the audiences of Art. 77(2)(b) and (c).
const READERS: Roles = Roles::of(&[
	Role::Authority,
	Role::NotifiedBody,
	Role::Distributor,
	Role::Operator,
	Role::ServiceCentre,
	Role::SecondLifeOperator,
	Role::Recycler,
	Role::DataBroker,
]);

/// The rules of this runtime.
pub struct PoolRules;

impl ClassifyCall<RuntimeCall, AccountId> for PoolRules {
	fn classify<'a>(call: &'a RuntimeCall, sender: &AccountId) -> CallRule<'a, RuntimeCall, AccountId> {
		use CallRule::{Members, Nobody, OwnOriginCheck, Wraps};
		let any = Members(Roles::ANY);
		match call {
			RuntimeCall::System(call) => match call {
				frame_system::Call::remark { .. }
				| frame_system::Call::remark_with_event { .. }
				// Whoever brings the code: the council has authorised its hash.
				| frame_system::Call::apply_authorized_upgrade { .. } => any,
				_ => Nobody,
			},
			RuntimeCall::Session(call) => match call {
				pallet_session::Call::set_keys { .. } => any,
				// A validator would leave without the council and below the minimum; removing it purges its keys.
				_ => Nobody,
			},
			RuntimeCall::Organisations(call) => match call {
				pallet_organisations::Call::link_account { .. }
				| pallet_organisations::Call::unlink_account { .. }
				| pallet_organisations::Call::set_hpke_key { .. } => any,
				_ => Nobody,
			},
			RuntimeCall::Passport(call) => match call {
				pallet_passport::Call::register { .. } | pallet_passport::Call::register_many { .. } => {
					Members(PLACING_ROLES)
				}
				pallet_passport::Call::update_commitment { .. }
				| pallet_passport::Call::update_many { .. }
				| pallet_passport::Call::record_event { .. }
				| pallet_passport::Call::record_many { .. }
				| pallet_passport::Call::delegate { .. }
				| pallet_passport::Call::end_delegation { .. }
				| pallet_passport::Call::hand_over_to_waste_operator { .. }
				| pallet_passport::Call::accept_waste_hand_over { .. }
				| pallet_passport::Call::withdraw_waste_hand_over { .. } => any,
				pallet_passport::Call::derive { .. } => Members(SECOND_LIFE_ROLES),
				pallet_passport::Call::override_threshold { .. } => Members(Roles::of(&[Role::NotifiedBody])),
				pallet_passport::Call::register_recycling_batch { .. }
				| pallet_passport::Call::amend_recycling_batch { .. }
				| pallet_passport::Call::close_as_recycled { .. } => Members(RECYCLING_ROLES),
				_ => Nobody,
			},
			RuntimeCall::OwnershipTransfer(call) => match call {
				pallet_ownership_transfer::Call::offer { .. }
				| pallet_ownership_transfer::Call::accept { .. }
				| pallet_ownership_transfer::Call::reject { .. }
				| pallet_ownership_transfer::Call::cancel { .. }
				| pallet_ownership_transfer::Call::clear_expired { .. } => any,
				_ => Nobody,
			},
			RuntimeCall::AccessGrant(call) => match call {
				pallet_access_grant::Call::request { .. } => Members(READERS),
				pallet_access_grant::Call::approve { .. }
				| pallet_access_grant::Call::deny { .. }
				| pallet_access_grant::Call::revoke { .. }
				| pallet_access_grant::Call::renew_envelope { .. }
				| pallet_access_grant::Call::deposit_envelopes { .. }
				| pallet_access_grant::Call::clear_expired { .. } => any,
				_ => Nobody,
			},
			RuntimeCall::Telemetry(call) => match call {
				pallet_telemetry::Call::register_device { .. }
				| pallet_telemetry::Call::register_bridge_device { .. }
				| pallet_telemetry::Call::revoke_device { .. }
				| pallet_telemetry::Call::rotate_device_key { .. }
				| pallet_telemetry::Call::replace_device { .. }
				| pallet_telemetry::Call::reset_device { .. }
				| pallet_telemetry::Call::submit_threshold_statement { .. }
				| pallet_telemetry::Call::dispute_signature { .. }
				| pallet_telemetry::Call::dispute_replay { .. }
				| pallet_telemetry::Call::prune_anchors { .. } => any,
				pallet_telemetry::Call::submit_frames { .. }
				| pallet_telemetry::Call::anchor_batch { .. } => Members(Roles::of(&[Role::BridgeOperator])),
				_ => Nobody,
			},
			RuntimeCall::Documents(call) => match call {
				pallet_documents::Call::anchor { .. } | pallet_documents::Call::withdraw { .. } => any,
				_ => Nobody,
			},
			RuntimeCall::Council(call) => match call {
				pallet_collective::Call::propose { .. }
				| pallet_collective::Call::vote { .. }
				| pallet_collective::Call::close { .. } => CallRule::Council,
				// `execute` speaks for one seat alone, which no call of this chain listens to: it would only take the room that blocks
				// keep for the council. The rest is for root.
				_ => Nobody,
			},
			RuntimeCall::Sudo(_) => OwnOriginCheck,
			RuntimeCall::Utility(call) => match call {
				pallet_utility::Call::batch { calls }
				| pallet_utility::Call::batch_all { calls }
				| pallet_utility::Call::force_batch { calls } => Wraps(calls.iter().collect(), None),
				_ => Nobody,
			},
			RuntimeCall::Proxy(call) => match call {
				pallet_proxy::Call::proxy { real, call, .. } => Wraps(one(call), account(real)),
				pallet_proxy::Call::add_proxy { .. }
				| pallet_proxy::Call::remove_proxy { .. }
				| pallet_proxy::Call::remove_proxies {} => any,
				_ => Nobody,
			},
			RuntimeCall::Multisig(call) => match call {
				pallet_multisig::Call::as_multi {
					threshold,
					other_signatories,
					call,
					..
				} => Wraps(
					one(call),
					Some(multisig_of(sender, other_signatories, *threshold)),
				),
				pallet_multisig::Call::as_multi_threshold_1 {
					other_signatories,
					call,
				} => Wraps(one(call), Some(multisig_of(sender, other_signatories, 1))),
				// Holds the hash alone of what is to be done; the account that does it must be a member's as above.
				pallet_multisig::Call::approve_as_multi {
					threshold,
					other_signatories,
					..
				} => Wraps(
					Vec::new(),
					Some(multisig_of(sender, other_signatories, *threshold)),
				),
				pallet_multisig::Call::cancel_as_multi { .. } => any,
				_ => Nobody,
			},
			RuntimeCall::Validators(call) => match call {
				// Of an account that is no validator.
				pallet_validators::Call::purge_keys { .. } => any,
				_ => Nobody,
			},
			// Inherents, and what the council alone does through its own origin.
			RuntimeCall::Timestamp(_)
			| RuntimeCall::Grandpa(_)
			| RuntimeCall::CouncilMembership(_)
			| RuntimeCall::SafeMode(_)
			| RuntimeCall::TxPause(_) => Nobody,
		}
	}
}

fn one(call: &RuntimeCall) -> Vec<&RuntimeCall> {
	Vec::from([call])
}

/// The account of an address. This chain has no other form than the account itself; an address of another form leads to an
/// account that is no member, so the pool refuses what it wraps.
fn account(address: &crate::Address) -> Option<AccountId> {
	match address {
		sp_runtime::MultiAddress::Id(account) => Some(account.clone()),
		sp_runtime::MultiAddress::Address32(bytes) => Some(AccountId::new(*bytes)),
		_ => Some(AccountId::new([0; 32])),
	}
}

fn multisig_of(sender: &AccountId, others: &[AccountId], threshold: u16) -> AccountId {
	let mut signatories = others.to_vec();
	signatories.push(sender.clone());
	signatories.sort();
	pallet_multisig::Pallet::<Runtime>::multi_account_id(&signatories, threshold)
}

/// What a proxy may do for the account that made it one: key hygiene, not delegation. Who acts for another organisation by
/// written authorisation (Art. 77(4)) is a matter of the passport pallet.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything that the account may do.
	#[default]
	Any,
	/// Bringing frames and statements of devices, and anchoring batches: what a bridge's hot key needs.
	Telemetry,
	/// The ledger's own calls: no council, no session keys, no further proxies.
	Ledger,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			ProxyType::Any => true,
			ProxyType::Telemetry => matches!(
				call,
				RuntimeCall::Telemetry(
					pallet_telemetry::Call::submit_frames { .. }
						| pallet_telemetry::Call::submit_threshold_statement { .. }
						| pallet_telemetry::Call::anchor_batch { .. }
				)
			),
			ProxyType::Ledger => matches!(
				call,
				RuntimeCall::Passport(_)
					| RuntimeCall::OwnershipTransfer(_)
					| RuntimeCall::AccessGrant(_)
					| RuntimeCall::Telemetry(_)
					| RuntimeCall::Documents(_)
			),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(left, right) if left == right => true,
			(ProxyType::Any, _) | (ProxyType::Ledger, ProxyType::Telemetry) => true,
			_ => false,
		}
	}
}
