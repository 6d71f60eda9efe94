//! One file for each call, and one each for sessions, offences, genesis and the currency that is none.

mod add_validator;
mod genesis;
mod no_currency;
mod offences;
mod remove_validator;
mod sessions;
