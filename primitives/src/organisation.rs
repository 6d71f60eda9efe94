//! Members of the consortium: who they are and what they may do.

use serde::{Deserialize, Serialize};

/// Longest decentralised identifier of an organisation, in bytes. `did:web` names are host names (at most 253 bytes,
/// RFC 1035) with a path; 256 leaves room for a short one.
pub const MAX_DID_BYTES: u32 = 256;

/// Most accounts that act for one organisation: a root key, a few clerks, and one for each submitter lane of a bridge.
pub const MAX_ACCOUNTS_PER_ORGANISATION: u32 = 16;

on_chain! {
	/// Number of an organisation, given at admission and never given again.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
	#[serde(transparent)]
	pub struct OrganisationId(pub u32);
}

impl core::fmt::Display for OrganisationId {
	fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		write!(formatter, "organisation {}", self.0)
	}
}

on_chain! {
	/// What an organisation is in the supply chain. One organisation may be several.
	///
	/// The number of a variant is its bit in [`Roles`] and part of the wire format.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum Role {
		/// Makes batteries and places them on the market.
		Manufacturer = 0,
		/// Supplies cells, modules or materials.
		Supplier = 1,
		/// Certifies quality.
		QualityAssurer = 2,
		/// Sells batteries on.
		Distributor = 3,
		/// Carries batteries.
		Logistics = 4,
		/// Uses batteries: a vehicle fleet, a storage plant.
		Operator = 5,
		/// Repairs and maintains.
		ServiceCentre = 6,
		/// Prepares for re-use, repurposes, remanufactures: Art. 77(7).
		SecondLifeOperator = 7,
		/// Treats waste batteries.
		Recycler = 8,
		/// A market surveillance or customs authority, or the Commission.
		Authority = 9,
		/// A notified body.
		NotifiedBody = 10,
		/// Reads what it was granted: a person with a legitimate interest, Art. 77(2)(c).
		DataBroker = 11,
		/// Carries signed frames from devices to the ledger.
		BridgeOperator = 12,
	}
}

impl Role {
	/// Every role, in the order of its bits.
	pub const ALL: [Role; 13] = [
		Role::Manufacturer,
		Role::Supplier,
		Role::QualityAssurer,
		Role::Distributor,
		Role::Logistics,
		Role::Operator,
		Role::ServiceCentre,
		Role::SecondLifeOperator,
		Role::Recycler,
		Role::Authority,
		Role::NotifiedBody,
		Role::DataBroker,
		Role::BridgeOperator,
	];
}

on_chain! {
	/// A set of roles, one bit for each variant of [`Role`].
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
	pub struct Roles(u16);
}

impl Roles {
	/// No role.
	pub const NONE: Roles = Roles(0);
	/// Every role: stands for "any member".
	pub const ANY: Roles = Roles((1 << Role::ALL.len()) - 1);

	/// The set of these roles.
	pub const fn of(roles: &[Role]) -> Self {
		let mut bits = 0;
		let mut index = 0;
		while index < roles.len() {
			bits |= 1 << roles[index] as u16;
			index += 1;
		}
		Roles(bits)
	}

	/// The set that has these bits; `None` when a bit is set that no role has.
	pub const fn from_bits(bits: u16) -> Option<Self> {
		if bits & !Self::ANY.0 == 0 {
			Some(Roles(bits))
		} else {
			None
		}
	}

	/// The bits, one for each variant of [`Role`].
	pub const fn bits(self) -> u16 {
		self.0
	}

	/// Whether no bit is set that no role has: a value that came over the wire can be anything.
	pub const fn is_valid(self) -> bool {
		self.0 & !Self::ANY.0 == 0
	}

	/// Whether the set is empty.
	pub const fn is_empty(self) -> bool {
		self.0 == 0
	}

	/// Whether `role` is in the set.
	pub const fn contains(self, role: Role) -> bool {
		self.0 & (1 << role as u16) != 0
	}

	/// Whether the two sets share a role.
	pub const fn intersects(self, other: Roles) -> bool {
		self.0 & other.0 != 0
	}

	/// The roles in the set.
	pub fn iter(self) -> impl Iterator<Item = Role> {
		Role::ALL.into_iter().filter(move |role| self.contains(*role))
	}
}

impl Serialize for Roles {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_seq(self.iter())
	}
}

const fn with_edges(first: u8, middle: u8, last: u8) -> [u8; 32] {
	let mut bytes = [middle; 32];
	bytes[0] = first;
	bytes[31] = last;
	bytes
}

/// The X25519 public keys of small order, in their shortest forms: 0, 1, two of order 8, p-1, p, p+1. A shared secret with
/// one of them is all zeros whatever the other key (RFC 7748 section 6.1).
pub const SMALL_ORDER_X25519: [[u8; 32]; 7] = [
	with_edges(0, 0, 0),
	with_edges(1, 0, 0),
	[
		0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
		0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
	],
	[
		0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
		0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
	],
	with_edges(0xec, 0xff, 0x7f),
	with_edges(0xed, 0xff, 0x7f),
	with_edges(0xee, 0xff, 0x7f),
];

/// Whether an HPKE public key (X25519) is one that an envelope can be made for. Checked when a member is admitted and when
/// it changes its key, so that no grant fails later for a key that never worked.
pub fn is_usable_hpke_key(public_key: &[u8; 32]) -> bool {
	let mut masked = *public_key;
	// RFC 7748 section 5: the highest bit is ignored.
	masked[31] &= 0x7f;
	!SMALL_ORDER_X25519.contains(&masked)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_role_has_a_bit_of_its_own() {
		for (index, role) in Role::ALL.into_iter().enumerate() {
			assert_eq!(role as usize, index);
			let set = Roles::of(&[role]);
			assert_eq!(set.iter().collect::<Vec<_>>(), [role]);
		}
		assert_eq!(Roles::of(&Role::ALL), Roles::ANY);
	}

	#[test]
	fn bits_that_no_role_has_are_refused() {
		assert_eq!(Roles::from_bits(1 << 13), None);
		assert_eq!(
			Roles::from_bits(0b101),
			Some(Roles::of(&[Role::Manufacturer, Role::QualityAssurer]))
		);
	}
}
