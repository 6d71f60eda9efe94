//! Telemetry by way of the broker inside the bridge.

mod scenario;

use passport_tests::{run, BrokerChoice};

#[test]
fn good_frames_are_final_once_and_bad_ones_are_dead_letters_with_the_embedded_broker() {
	run(scenario::play(BrokerChoice::Embedded));
}
