//! One file for each call, and one each for sessions, offences, equivocations, stopped members, trades, genesis and the currency
//! that is none.

mod add_validator;
mod equivocations;
mod genesis;
mod no_currency;
mod note_stalled;
mod offences;
mod purge_keys;
mod remove_validator;
mod replace_validator;
mod sessions;
mod stopped_members;
mod trades;
mod try_state;
