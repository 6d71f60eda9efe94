//! What the ledger held of a device.

use crate::{state::State, Refusal};
use pallet_telemetry::{DeviceState, FormerKeysOfDevice, Page};
use passport_primitives::{battery::PassportId, organisation::OrganisationId, telemetry::device::SignedBy};
use passport_runtime_api::proof::{device_keys, DEVICES_PER_PAGE};
use serde::Serialize;

/// A device of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvenDevice {
	/// Its number.
	pub device: u32,
	/// The battery's passport: SHA-256 of its unique identifier.
	pub passport_id: PassportId,
	/// Who answered for the battery when the device was registered.
	pub maker: OrganisationId,
	/// Who holds its keys: the battery, or a bridge in its place.
	pub signed_by: SignedBy,
	/// Whether it was revoked, in this block or before: its key may be in other hands since.
	pub revoked: bool,
}

/// Everything that a state says of a device.
pub(crate) struct DeviceRecord {
	/// What is told of it.
	pub proven: ProvenDevice,
	/// Its present key, and what it has sent.
	pub state: DeviceState,
	/// The keys that it had before, in their order.
	former_keys: FormerKeysOfDevice,
}

impl DeviceRecord {
	/// Reads what a state holds of the device of this number.
	pub fn read(state: &State, device: u32) -> Result<Self, Refusal> {
		let keys = device_keys(device);
		let page: Option<Page> = state.value(&keys.page, "page of devices")?;
		let former_keys: Option<FormerKeysOfDevice> =
			state.value(&keys.former_keys, "former keys of the device")?;
		let place = (device % DEVICES_PER_PAGE) as usize;
		let Some(state) = page.and_then(|page| page.get(place).cloned().flatten()) else {
			return Err(Refusal::NoSuchDevice { device });
		};
		Ok(Self {
			proven: ProvenDevice {
				device,
				passport_id: state.device.passport,
				maker: state.device.maker,
				signed_by: state.device.signed_by,
				revoked: state.revoked,
			},
			state,
			former_keys: former_keys.unwrap_or_default(),
		})
	}

	/// Every key that the device has ever had: the present one, then the former ones, the latest first.
	pub fn keys(&self) -> impl Iterator<Item = [u8; 32]> + '_ {
		let former = self.former_keys.iter().rev().map(|former| former.public_key);
		std::iter::once(self.state.public_key).chain(former)
	}
}
