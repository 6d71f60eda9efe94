//! Why the transaction pool refuses: the one table of `InvalidTransaction::Custom` codes.
//!
//! A client sees `1010: Invalid Transaction: Custom error: N`; [`PoolRefusal`] says what N means.

/// Most wrappers (`utility.batch`, `proxy.proxy`, `multisig.as_multi`) around a call.
pub const MAX_CALL_NESTING: u8 = 4;

/// Most calls in all batches of one transaction together.
pub const MAX_BATCHED_CALLS: u32 = 100;

macro_rules! refusals {
	($($(#[$meta:meta])* $name:ident = $code:literal, $text:literal;)*) => {
		/// Why a transaction was refused before it reached a block. Codes are never given a second meaning.
		#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
		#[repr(u8)]
		pub enum PoolRefusal {
			$($(#[$meta])* #[error($text)] $name = $code,)*
		}

		impl PoolRefusal {
			/// Every refusal.
			pub const ALL: &'static [PoolRefusal] = &[$(PoolRefusal::$name,)*];
		}
	};
}

refusals! {
	/// The account acts for no organisation.
	NotAMember = 1, "the account acts for no member of the consortium";
	/// The organisation's membership has run out.
	MembershipEnded = 2, "the organisation's membership has ended";
	/// The council has suspended the organisation.
	Suspended = 3, "the organisation is suspended";
	/// None of the organisation's roles includes the call.
	RoleNotAllowed = 4, "none of the organisation's roles includes this call";
	/// No signed account may send this call.
	CallNotAllowed = 5, "this call can not be sent by an account";
	/// More wrappers than [`MAX_CALL_NESTING`].
	NestedTooDeep = 6, "the call is wrapped more than 4 times";
	/// More calls than [`MAX_BATCHED_CALLS`].
	TooManyCalls = 7, "the transaction carries more than 100 calls";
	/// Safe-mode is on, or the council has paused the call.
	CallPaused = 8, "the call is paused by the council";
	/// The organisation's quota leaves too little for the transaction in this period, or never covers it.
	QuotaExceeded = 9, "the organisation's quota does not cover the transaction in this period";
	/// A call of the council's members from an account that has no seat in it.
	NotSeated = 10, "the account has no seat in the council";
}

impl PoolRefusal {
	/// The number that `InvalidTransaction::Custom` carries.
	pub const fn code(self) -> u8 {
		self as u8
	}

	/// The refusal of a code.
	pub fn from_code(code: u8) -> Option<Self> {
		Self::ALL.iter().copied().find(|refusal| refusal.code() == code)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_code_has_one_meaning() {
		for refusal in PoolRefusal::ALL {
			assert_eq!(PoolRefusal::from_code(refusal.code()), Some(*refusal));
		}
		assert_eq!(PoolRefusal::from_code(0), None);
	}
}
