//! How this chain uses GRANDPA.

use crate::block::Block;
use sc_consensus_grandpa::{Config, VotingRule, VotingRulesBuilder};
use sc_network::{config::Role, ProtocolName};
use sc_service::KeystoreContainer;
use sc_telemetry::TelemetryHandle;
use sp_blockchain::HeaderBackend;
use std::time::Duration;

/// One block in how many keeps its justification for good. Blocks that change the validators do in any case.
///
/// Who proves that an old block is final shows the headers from it to the next kept justification: with 64, one minute
/// of headers (some 15 kB) at most. The justification of a dozen validators has some 1.3 kB, which is 2 MB a day.
pub const JUSTIFICATION_PERIOD: u32 = 64;

/// How long a vote is expected to travel between validators; rounds wait for multiples of it.
///
/// Substrate's template says 333 ms, which suits a public network that relays votes over many hops. The validators of a
/// consortium are few and connected to each other. Too short a time costs rounds without progress, never safety.
const GOSSIP_DURATION: Duration = Duration::from_millis(100);

/// The settings of the voter.
pub fn config(
	local_role: Role,
	name: String,
	keystore: &KeystoreContainer,
	protocol_name: ProtocolName,
	telemetry: Option<TelemetryHandle>,
) -> Config {
	Config {
		gossip_duration: GOSSIP_DURATION,
		justification_generation_period: JUSTIFICATION_PERIOD,
		name: Some(name),
		// Nodes that do not vote run the full voter as well, without keys: it follows rounds and stores justifications,
		// which the observer protocol is less tested for.
		observer_enabled: false,
		// Who does not vote needs no keys.
		keystore: local_role.is_authority().then(|| keystore.keystore()),
		local_role,
		telemetry,
		protocol_name,
	}
}

/// Which block a validator votes for: the best one, without holding back.
///
/// The default rules stay two blocks and a quarter of the unfinalised chain behind, so that validators on a slow
/// network vote for what all have seen. With them a transaction was final 4.0 to 4.7 s after it was sent to a network of
/// four; without them and with a gossip duration of 100 ms after 0.7 to 1.06 s (0.56 s on `--dev`). The bridge and the
/// gateway count nothing as done before it is final, so that this is their latency. The rules are no part of GRANDPA's
/// safety: two thirds must agree on a block whatever they aimed at.
pub fn voting_rule<Client>() -> impl VotingRule<Block, Client> + Clone
where
	Client: HeaderBackend<Block> + 'static,
{
	VotingRulesBuilder::new().build()
}
