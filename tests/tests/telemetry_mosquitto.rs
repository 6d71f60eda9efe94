//! Telemetry by way of Mosquitto.

mod scenario;

use passport_tests::{run, BrokerChoice, Mosquitto};

#[test]
fn good_frames_are_final_once_and_bad_ones_are_dead_letters_with_mosquitto() {
	run(async {
		let mosquitto = Mosquitto::start().await?;
		scenario::play(BrokerChoice::Remote(mosquitto.url())).await
	});
}
