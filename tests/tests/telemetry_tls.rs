//! Telemetry by way of Mosquitto as a site runs it: TLS 1.3, a certificate for every client, each battery under its own name.

use anyhow::{bail, ensure, Context, Result};
use passport_primitives::topic::FrameTopic::{CriticalAlert, Telemetry};
use passport_tests::{
	bridge::Setup, mosquitto::SiteCertificates, oracle::nothing_lost_nothing_twice, program::folder,
	register, run, Bridge, BrokerChoice, FinalisedFrames, Mosquitto, Node, PATIENCE,
};
use rcgen::{
	BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose,
};
use rumqttc::{
	v5::{
		mqttbytes::{
			v5::{Packet, PubAckReason},
			QoS,
		},
		AsyncClient, Event, MqttOptions,
	},
	Transport,
};
use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};
use tokio::time::timeout;

/// Who signs the certificates of a site.
struct Authority(Certificate);

impl Authority {
	fn new() -> Result<Self> {
		let mut params = CertificateParams::new(Vec::<String>::new());
		params.distinguished_name.push(DnType::CommonName, "site");
		params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
		params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
		Ok(Authority(Certificate::from_params(params)?))
	}

	fn pem(&self) -> Result<String> {
		Ok(self.0.serialize_pem()?)
	}

	/// Certificate and key for a broker on this host or, without one, for a client.
	fn issue(&self, name: &str, host: Option<&str>) -> Result<(String, String)> {
		let hosts: Vec<String> = host.into_iter().map(str::to_owned).collect();
		let mut params = CertificateParams::new(hosts);
		params.distinguished_name.push(DnType::CommonName, name);
		params.extended_key_usages = vec![match host {
			Some(_) => ExtendedKeyUsagePurpose::ServerAuth,
			None => ExtendedKeyUsagePurpose::ClientAuth,
		}];
		let certificate = Certificate::from_params(params)?;
		Ok((
			certificate.serialize_pem_with_signer(&self.0)?,
			certificate.serialize_private_key_pem(),
		))
	}
}

fn write(folder: &Path, name: &str, text: &str) -> Result<String> {
	let path = folder.join(name);
	fs::write(&path, text)?;
	fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
	Ok(path.display().to_string())
}

/// What the broker says to a message, if it is that.
fn reason(event: &Event) -> Option<PubAckReason> {
	match event {
		Event::Incoming(Packet::PubAck(answer)) => Some(answer.reason),
		_ => None,
	}
}

/// Publishes as the client of this name; the broker's answers in order.
async fn publish_as(
	authority: &Authority,
	name: &str,
	port: u16,
	messages: Vec<(String, Vec<u8>)>,
) -> Result<Vec<PubAckReason>> {
	let (certificate, key) = authority.issue(name, None)?;
	let mut options = MqttOptions::new(format!("of-{name}"), "localhost", port);
	options
		.set_keep_alive(Duration::from_secs(30))
		.set_transport(Transport::tls(
			authority.pem()?.into_bytes(),
			Some((certificate.into_bytes(), key.into_bytes())),
			None,
		));
	let (client, mut events) = AsyncClient::new(options, messages.len() + 1);
	let count = messages.len();
	for (topic, payload) in messages {
		client.try_publish(topic, QoS::AtLeastOnce, false, payload)?;
	}
	let mut answers = Vec::new();
	let answered = async {
		while answers.len() < count {
			match events.poll().await {
				Ok(event) => answers.extend(reason(&event)),
				// Mosquitto hangs up behind its refusal, and rumqttc then gives out the end before what came with it.
				Err(error) => {
					let rest: Vec<_> = events.state.events.drain(..).collect();
					ensure!(!rest.is_empty(), "{name}: {error}");
					answers.extend(rest.iter().filter_map(reason));
				}
			}
		}
		Ok(())
	};
	timeout(PATIENCE, answered)
		.await
		.context("the broker does not answer")??;
	Ok(answers)
}

#[test]
fn frames_that_come_by_tls_are_final_once_and_nobody_publishes_for_another() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let authority = Authority::new()?;
		let (certificate, key) = authority.issue("broker", Some("localhost"))?;
		let mosquitto = Mosquitto::of_a_site(&SiteCertificates {
			authority: &authority.pem()?,
			certificate: &certificate,
			key: &key,
		})
		.await?;
		let own = folder("bridge-certificates")?;
		let (certificate, key) = authority.issue("passport-bridge", None)?;
		let arguments = vec![
			format!("--broker-ca-file={}", write(&own, "ca.pem", &authority.pem()?)?),
			format!(
				"--broker-certificate-file={}",
				write(&own, "bridge.pem", &certificate)?
			),
			format!("--broker-key-file={}", write(&own, "bridge-key.pem", &key)?),
		];
		let url = format!("mqtts://localhost:{}", mosquitto.port());
		let setup = Setup {
			arguments,
			..Setup::default()
		};
		let bridge = Bridge::start_as(&node.url(), BrokerChoice::Remote(url), setup).await?;
		let aliases = ["BAT-2027-TL-000001", "BAT-2027-TL-000002"].map(str::to_owned);
		let batteries = register(&ledger, "tls", &aliases).await?;
		let [honest, thief] = batteries.as_slice() else {
			bail!("two batteries")
		};
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let own_frames = vec![
			(honest.topic(Telemetry), honest.frame(1)?),
			(honest.topic(CriticalAlert), honest.frame(2)?),
		];
		let answers = publish_as(&authority, &honest.alias, mosquitto.port(), own_frames).await?;
		ensure!(
			answers == [PubAckReason::Success, PubAckReason::Success],
			"{answers:?}"
		);
		let stolen = vec![(honest.topic(Telemetry), honest.frame(3)?)];
		let answers = publish_as(&authority, &thief.alias, mosquitto.port(), stolen).await?;
		ensure!(answers == [PubAckReason::NotAuthorized], "{answers:?}");
		let acknowledged = BTreeSet::from([(honest.device, 1), (honest.device, 2)]);
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &batteries, PATIENCE).await?;
		let received = bridge.metric("messages_received_total").await?;
		ensure!(received == 2, "{received} messages came to the bridge");
		Ok(())
	});
}
