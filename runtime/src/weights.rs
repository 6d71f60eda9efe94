//! What the calls of the ledger's pallets cost, as `scripts/weights` has measured it.

pub mod access_grant;
pub mod documents;
pub mod organisations;
pub mod ownership_transfer;
pub mod passport;
pub mod telemetry;
pub mod validators;
