//! What stands in a battery's flash: a page of configuration, and the records of its device.
//!
//! ```text
//! 0                  ERASE_SIZE                          capacity
//! | configuration    | records                           |
//! ```
//!
//! The page is written at the factory, or by who puts the battery into service, and read by the device. The records are the
//! device's own: keys, sequence counter, estimator, outbox. Nothing here knows of a chip: a board supplies
//! [`NorFlash`](embedded_storage_async::nor_flash::NorFlash), and so does a file on a host.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(test)]
extern crate std;

pub mod configuration;
pub mod records;

pub use configuration::{Configuration, ConfigurationError};
pub use records::{FlashRecords, RecordsError};
