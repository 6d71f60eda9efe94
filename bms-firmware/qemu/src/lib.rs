//! Runs the firmware's image in QEMU: what a developer's machine and the tests need around it.
//!
//! - [`flash_file`]: the file that is the board's flash, with its page of configuration.
//! - [`machine`]: the emulator, always under a timeout, in a network of its own from which only the broker can be reached.
//! - [`relay`]: the program that QEMU starts for each connection to the broker.
//! - [`watch`]: what the broker received.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod flash_file;
pub mod machine;
pub mod relay;
pub mod watch;
