//! TLS to Mosquitto, configured as `mosquitto/` has it for a site: who trusts whom, what is said when not, and who may do what.

use crate::{
	config::{BrokerChoice, Settings},
	ledger::fake::Chain,
	lock,
	mqtt::{Link, LinkEvent, LinkSettings, RumqttcLink, MAX_PACKET_BYTES},
	pipeline_tests::{register, settings, start_bridge, until},
	test_battery::Battery,
	test_certificates::{write, Authority, Issued},
	test_mosquitto::TestMosquitto,
	tls::{self, CertificateFiles, OwnCertificate},
};
use rumqttc::v5::{
	mqttbytes::{
		v5::{Packet, PubAckReason},
		QoS,
	},
	AsyncClient, Event, MqttOptions,
};
use std::{
	path::Path,
	sync::{
		atomic::{AtomicBool, AtomicUsize, Ordering},
		Arc, Mutex,
	},
	time::Duration,
};
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(30);

/// Name of the bridge in `mosquitto/passport.acl`.
const BRIDGE: &str = "passport-bridge";

fn files(directory: &Path, trusted: &Authority, own: Option<&Issued>) -> CertificateFiles {
	CertificateFiles {
		ca: write(directory, "trusted.pem", &trusted.certificate()),
		own: own.map(|own| OwnCertificate {
			chain: write(directory, "own.pem", &own.certificate),
			key: write(directory, "own-key.pem", &own.key),
		}),
	}
}

fn link(port: u16, files: CertificateFiles) -> RumqttcLink {
	RumqttcLink::new(&LinkSettings {
		host: "localhost".into(),
		port,
		client_id: "bridge".into(),
		login: None,
		tls: Some(files),
		share_group: None,
		plain_json: false,
		receive_maximum: 16,
		max_packet_bytes: MAX_PACKET_BYTES,
		keep_alive: Duration::from_secs(5),
		session_expiry_seconds: 60,
	})
	.unwrap()
}

/// Whether the broker lets the link in, or why not.
async fn connects(link: &mut RumqttcLink) -> Result<(), String> {
	loop {
		match timeout(DEADLINE, link.next()).await.unwrap() {
			LinkEvent::Up { .. } => return Ok(()),
			LinkEvent::Down(reason) => return Err(reason),
			_ => {}
		}
	}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_certificate_is_told() {
	let (site, other) = (Authority::new("site"), Authority::new("other"));
	let bridge = || Some(site.client(BRIDGE));
	let cases: [(Issued, &Authority, Option<Issued>, &[&str]); 7] = [
		(site.broker("localhost"), &site, bridge(), &[]),
		(
			site.broker("localhost"),
			&other,
			bridge(),
			&["not signed by one in broker-ca-file"],
		),
		(
			site.broker("broker.example"),
			&site,
			bridge(),
			&["is for broker.example, and broker names localhost"],
		),
		(
			site.expired_broker("localhost"),
			&site,
			bridge(),
			&["the broker's certificate has expired"],
		),
		// What the broker holds against the bridge it says after the handshake, and hangs up: mostly it is heard.
		(
			site.broker("localhost"),
			&site,
			None,
			&["broker-certificate-file"],
		),
		(
			site.broker("localhost"),
			&site,
			Some(other.client(BRIDGE)),
			&["broker-certificate-file"],
		),
		(
			site.broker("localhost"),
			&site,
			Some(site.expired_client(BRIDGE)),
			&["broker-certificate-file"],
		),
	];
	for (broker, trusted, own, told) in cases {
		let directory = tempfile::tempdir().unwrap();
		let mosquitto = TestMosquitto::of_a_site(&site, &broker);
		let files = files(directory.path(), trusted, own.as_ref());
		let outcome = connects(&mut link(mosquitto.address.port(), files)).await;
		match (&outcome, told) {
			(Ok(()), []) => {}
			(Err(reason), [_, ..]) if told.iter().all(|words| reason.contains(words)) => {
				assert_eq!(reason.lines().count(), 1, "{reason}");
			}
			_ => panic!("{outcome:?} instead of {told:?}\n{}", mosquitto.log()),
		}
	}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_without_tls_is_told_of() {
	let site = Authority::new("site");
	let directory = tempfile::tempdir().unwrap();
	let mosquitto = TestMosquitto::plain();
	let files = files(directory.path(), &site, None);
	let reason = connects(&mut link(mosquitto.address.port(), files))
		.await
		.unwrap_err();
	assert!(reason.contains("TLS"), "{reason}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_taken_without_a_restart() {
	let (site, other) = (Authority::new("site"), Authority::new("other"));
	let mosquitto = TestMosquitto::of_a_site(&site, &site.broker("localhost"));
	let directory = tempfile::tempdir().unwrap();
	let old = files(directory.path(), &site, Some(&other.client(BRIDGE)));
	let mut link = link(mosquitto.address.port(), old);
	connects(&mut link).await.unwrap_err();
	// Half written: the old one is used, and nothing ends.
	write(directory.path(), "own-key.pem", "-----BEGIN PRIVATE");
	connects(&mut link).await.unwrap_err();
	files(directory.path(), &site, Some(&site.client(BRIDGE)));
	// One more attempt with what was read last.
	connects(&mut link).await.unwrap_err();
	connects(&mut link).await.unwrap();
}

/// A client with a certificate of the site.
fn client(
	port: u16,
	directory: &Path,
	site: &Authority,
	name: &str,
) -> (AsyncClient, rumqttc::v5::EventLoop) {
	let files = files(directory, site, Some(&site.client(name)));
	let mut options = MqttOptions::new(format!("client-{}", hex::encode(name)), "localhost", port);
	options
		.set_keep_alive(Duration::from_secs(5))
		.set_transport(tls::transport(&files).unwrap());
	AsyncClient::new(options, 64)
}

/// Publishes as the client of this name, and gives the broker's answers in order.
async fn publish_as(
	port: u16,
	site: &Authority,
	name: &str,
	messages: &[(String, Vec<u8>)],
) -> Vec<PubAckReason> {
	let directory = tempfile::tempdir().unwrap();
	let (client, mut events) = client(port, directory.path(), site, name);
	for (topic, payload) in messages {
		client
			.try_publish(topic, QoS::AtLeastOnce, false, payload.clone())
			.unwrap();
	}
	let mut answers = Vec::new();
	while answers.len() < messages.len() {
		let event = timeout(DEADLINE, events.poll()).await.unwrap();
		// Mosquitto hangs up behind its refusal, and rumqttc then gives out the end before what came with it.
		let waiting = match event {
			Ok(event) => vec![event],
			Err(_) => events.state.events.drain(..).collect(),
		};
		assert!(
			!waiting.is_empty(),
			"{name}: the broker hangs up and says nothing"
		);
		answers.extend(waiting.into_iter().filter_map(|event| match event {
			Event::Incoming(Packet::PubAck(answer)) => Some(answer.reason),
			_ => None,
		}));
	}
	answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_the_sites_rules_a_battery_publishes_as_itself_alone_and_reads_nothing() {
	let site = Authority::new("site");
	let mosquitto = TestMosquitto::of_a_site(&site, &site.broker("localhost"));
	let port = mosquitto.address.port();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let (battery, thief) = (Battery::new(1), Battery::new(2));
	register(&chain, &[battery.clone(), thief.clone()]);
	let own = files(directory.path(), &site, Some(&site.client(BRIDGE)));
	let settings = Settings {
		broker: BrokerChoice::Remote {
			host: "localhost".into(),
			port,
			login: None,
			tls: Some(own),
		},
		share_group: Some("site".into()),
		..settings(directory.path(), mosquitto.address)
	};
	let bridge = start_bridge(settings, &chain).await;

	// Someone who listens in, with a certificate of a battery.
	let (heard, listens) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
	let (count, ready) = (heard.clone(), listens.clone());
	let listener_files = tempfile::tempdir().unwrap();
	let (listener, mut events) = client(port, listener_files.path(), &site, "BAT-LISTENER");
	listener
		.try_subscribe("wia/battery-passport/#", QoS::AtLeastOnce)
		.unwrap();
	let listening = tokio::spawn(async move {
		loop {
			match events.poll().await {
				Ok(Event::Incoming(Packet::SubAck(_))) => ready.store(true, Ordering::SeqCst),
				Ok(Event::Incoming(Packet::Publish(_))) => {
					count.fetch_add(1, Ordering::SeqCst);
				}
				Ok(_) => {}
				Err(_) => return,
			}
		}
	});
	until("the listener listens", || async {
		listens.load(Ordering::SeqCst)
	})
	.await;

	let answers = publish_as(
		port,
		&site,
		&battery.name,
		&[
			(battery.topic(), battery.frame(1)),
			(battery.alert_topic(), battery.frame(2)),
		],
	)
	.await;
	assert_eq!(answers, [PubAckReason::Success, PubAckReason::Success]);
	// Nobody but the battery publishes on its topic: not another battery, not the bridge, and nobody whose certificate is named
	// `+` or `#`. The rules put the name into a topic filter (`%u` in passport.acl), where these would stand for every battery.
	for name in [thief.name.as_str(), "+", "#", BRIDGE] {
		let answers = publish_as(port, &site, name, &[(battery.topic(), battery.frame(3))]).await;
		assert_eq!(answers, [PubAckReason::NotAuthorized], "{name}");
	}
	// The protocol's other topics are there for whoever takes them, and are none of the bridge's.
	let other = format!("wia/battery-passport/{}/telemetry/soh", battery.name);
	let answers = publish_as(port, &site, &battery.name, &[(other, b"{}".to_vec())]).await;
	assert_ne!(answers, [PubAckReason::NotAuthorized]);

	until("both frames are on the ledger", || async {
		lock(&chain).taken.len() == 2
	})
	.await;
	assert_eq!(bridge.metric("messages_received_total").await, 2);
	assert_eq!(heard.load(Ordering::SeqCst), 0);
	listening.abort();
	drop(listener);
	bridge.stop().await;
}
