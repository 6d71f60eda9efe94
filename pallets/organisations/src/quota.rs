//! Quotas: how much of the chain one organisation may take in a period, so that it can not starve the others.

use crate::{Config, CouncilSeats, Organisations, Pallet, Quotas, Usage};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo},
	traits::Get,
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use passport_primitives::{organisation::OrganisationId, pool::PoolRefusal};
use scale_info::TypeInfo;
use sp_runtime::traits::{One, Saturating};

/// What an organisation has used, in the period in which it last used anything. What it used before that counts for nothing,
/// so one value an organisation is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Consumption<BlockNumber> {
	/// Which period: its first block divided by `QuotaPeriodBlocks`.
	pub period: BlockNumber,
	/// What was used in it, in picoseconds of ref_time.
	pub ref_time: u64,
}

/// An organisation's quota, as a view function tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct QuotaView<BlockNumber> {
	/// What it may use in each period, in picoseconds of ref_time.
	pub ref_time_per_period: u64,
	/// What it has used in the current one.
	pub ref_time_used: u64,
	/// Last block of the current period.
	pub period_ends_at: BlockNumber,
}

/// Who pays for a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payer {
	/// The organisation whose account signed it.
	pub organisation: OrganisationId,
	/// What covers it, in picoseconds of ref_time for a period.
	pub quota: u64,
}

impl<T: Config> Pallet<T> {
	/// What a transaction takes of its block, in picoseconds of ref_time.
	///
	/// That is its weight with what the SDK adds for every transaction; or, where it is more, the part of a block's time that
	/// its length is of a block's length. Without the second, a member would fill whole blocks with long remarks: a byte of one
	/// weighs 11 ns, and a byte of a block stands for ten times as much.
	pub(crate) fn block_share(info: &DispatchInfo, weight: Weight, length_bytes: usize) -> u64 {
		let weights = T::BlockWeights::get();
		let of_class = weights.get(info.class);
		let by_weight = weight.saturating_add(of_class.base_extrinsic).ref_time();
		let block_ref_time = of_class.max_total.unwrap_or(weights.max_block).ref_time();
		let block_bytes = (*T::BlockLength::get().max.get(info.class)).max(1);
		let by_length = u128::from(block_ref_time) * length_bytes as u128 / u128::from(block_bytes);
		by_weight.max(u64::try_from(by_length).unwrap_or(u64::MAX))
	}

	/// Who pays for a transaction that `sender` signed, and out of how much. What is of the council's calls has `DefaultQuota` at
	/// least when an account with a seat sends it: else the council could take its own members' votes by [`crate::Call::set_quota`],
	/// down to where nobody is left to give them back.
	pub(crate) fn payer(sender: &T::AccountId, organisation: OrganisationId, class: DispatchClass) -> Payer {
		let own = Self::quota_of(organisation);
		let quota = if Self::is_the_councils(sender, class) {
			own.max(T::DefaultQuota::get())
		} else {
			own
		};
		Payer { organisation, quota }
	}

	/// Whether a transaction of this class is a part of `sender`'s in the council: of the calls that a member may send, only the
	/// council's are of the operational class.
	pub(crate) fn is_the_councils(sender: &T::AccountId, class: DispatchClass) -> bool {
		class == DispatchClass::Operational && T::Council::is_seated(sender)
	}

	/// What a payer will have used with `ref_time` more, if its quota covers that.
	pub(crate) fn covered(
		payer: Payer,
		ref_time: u64,
	) -> Result<Consumption<BlockNumberFor<T>>, PoolRefusal> {
		let period = Self::period();
		let used = Self::used_in(payer.organisation, period).saturating_add(ref_time);
		if used > payer.quota {
			return Err(PoolRefusal::QuotaExceeded);
		}
		Ok(Consumption {
			period,
			ref_time: used,
		})
	}

	/// The thousandths of its quota that `organisation` has left when it has used `ref_time`: 0 to 1,000, rounded down.
	pub(crate) fn left_of_quota(organisation: OrganisationId, ref_time: u64) -> u64 {
		let quota = u128::from(Self::quota_of(organisation));
		let left = quota.saturating_sub(ref_time.into());
		(1_000 * left).checked_div(quota).unwrap_or(0) as u64
	}

	/// Gives back what a transaction of this period was charged and did not use. An organisation that was removed meanwhile,
	/// by its own transaction even, gets nothing.
	pub(crate) fn give_back(organisation: OrganisationId, ref_time: u64) {
		if let Some(used) = Usage::<T>::get(organisation).filter(|used| used.period == Self::period()) {
			Usage::<T>::insert(
				organisation,
				Consumption {
					ref_time: used.ref_time.saturating_sub(ref_time),
					..used
				},
			);
		}
	}

	/// The quota of an organisation; `None` when there is no such organisation.
	pub(crate) fn view_quota(organisation: OrganisationId) -> Option<QuotaView<BlockNumberFor<T>>> {
		Organisations::<T>::contains_key(organisation).then(|| {
			let period = Self::period();
			QuotaView {
				ref_time_per_period: Self::quota_of(organisation),
				ref_time_used: Self::used_in(organisation, period),
				period_ends_at: period
					.saturating_add(One::one())
					.saturating_mul(Self::period_blocks())
					.saturating_sub(One::one()),
			}
		})
	}

	/// The current period. Periods begin at multiples of their length, the same for everybody.
	fn period() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number() / Self::period_blocks()
	}

	fn period_blocks() -> BlockNumberFor<T> {
		T::QuotaPeriodBlocks::get().max(One::one())
	}

	fn quota_of(organisation: OrganisationId) -> u64 {
		Quotas::<T>::get(organisation).unwrap_or_else(T::DefaultQuota::get)
	}

	fn used_in(organisation: OrganisationId, period: BlockNumberFor<T>) -> u64 {
		Usage::<T>::get(organisation)
			.filter(|used| used.period == period)
			.map_or(0, |used| used.ref_time)
	}
}
