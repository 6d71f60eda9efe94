//! TLS to the broker: version 1.3 alone, the broker checked against the site's own certificates, the bridge known by its own.
//!
//! rustls with the *ring* provider. There is no switch that turns checking off: a bridge that accepts any broker hands its
//! session, and with it the batteries' messages, to whoever answers.

use crate::config::{read_secret, wrong, ConfigError};
use rumqttc::{
	v5::{
		mqttbytes::{v5::ConnectReturnCode, Error as PacketError},
		ConnectionError, StateError,
	},
	TlsConfiguration, TlsError, Transport,
};
use rustls::{
	pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer},
	AlertDescription, CertificateError, ClientConfig, RootCertStore,
};
use std::{
	fmt::Display,
	io,
	path::{Path, PathBuf},
	sync::Arc,
};

/// Setting that names the certificates that the broker's must be signed by.
pub const CA_SETTING: &str = "broker-ca-file";

/// Setting that names the bridge's own certificate.
pub const CERTIFICATE_SETTING: &str = "broker-certificate-file";

/// Setting that names the key of that certificate.
pub const KEY_SETTING: &str = "broker-key-file";

/// Where the certificates of a connection are. They are read for every connection, so that certificates that live for a day
/// are renewed without a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
	/// PEM, one or more: who may sign the broker's certificate.
	pub ca: PathBuf,
	/// The bridge's own, for a broker that asks for one.
	pub own: Option<OwnCertificate>,
}

/// A certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCertificate {
	/// PEM, the bridge's certificate first, then those between it and what the broker trusts.
	pub chain: PathBuf,
	/// PEM (PKCS#8, PKCS#1 or SEC1) without a passphrase, readable by its owner alone.
	pub key: PathBuf,
}

fn certificates(setting: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
	let problem = |error: &dyn Display| wrong(setting, format!("{}: {error}", path.display()));
	let pem = std::fs::read(path).map_err(|error| problem(&error))?;
	let certificates = CertificateDer::pem_slice_iter(&pem)
		.collect::<Result<Vec<CertificateDer<'static>>, _>>()
		.map_err(|_| problem(&"is no PEM file"))?;
	if certificates.is_empty() {
		return Err(problem(&"holds no PEM certificate"));
	}
	Ok(certificates)
}

fn client_config(files: &CertificateFiles) -> Result<ClientConfig, ConfigError> {
	let mut roots = RootCertStore::empty();
	for certificate in certificates(CA_SETTING, &files.ca)? {
		roots.add(certificate).map_err(|error| {
			wrong(
				CA_SETTING,
				format!(
					"{}: a certificate in it can not be used: {error}",
					files.ca.display()
				),
			)
		})?;
	}
	let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
		.with_protocol_versions(&[&rustls::version::TLS13])
		.map_err(|error| wrong("broker", error))?
		.with_root_certificates(roots);
	let Some(own) = &files.own else {
		return Ok(builder.with_no_client_auth());
	};
	let chain = certificates(CERTIFICATE_SETTING, &own.chain)?;
	let problem = |error: &dyn Display| wrong(KEY_SETTING, format!("{}: {error}", own.key.display()));
	let pem = read_secret(KEY_SETTING, &own.key)?;
	// What is wrong with the text of a key is not told: it would repeat some of it.
	let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
		.map_err(|_| problem(&"holds no PEM key, or one with a passphrase"))?;
	builder
		.with_client_auth_cert(chain, key)
		.map_err(|error| problem(&error))
}

/// Reads the certificates and makes the transport of them.
pub fn transport(files: &CertificateFiles) -> Result<Transport, ConfigError> {
	let config = Arc::new(client_config(files)?);
	Ok(Transport::tls_with_config(TlsConfiguration::Rustls(config)))
}

fn io_error(error: &ConnectionError) -> Option<&io::Error> {
	match error {
		ConnectionError::Io(error)
		| ConnectionError::Tls(TlsError::Io(error))
		| ConnectionError::MqttState(
			StateError::Io(error) | StateError::Deserialization(PacketError::Io(error)),
		) => Some(error),
		_ => None,
	}
}

fn tls_error(error: &ConnectionError) -> Option<&rustls::Error> {
	match error {
		ConnectionError::Tls(TlsError::TLS(error)) => Some(error),
		_ => io_error(error)?.get_ref()?.downcast_ref(),
	}
}

/// What a failed connection means, in a line that whoever runs the bridge can act on.
pub fn explain(error: &ConnectionError, with_tls: bool) -> String {
	match error {
		ConnectionError::ConnectionRefused(
			ConnectReturnCode::NotAuthorized | ConnectReturnCode::BadUserNamePassword,
		) => {
			return "the broker does not let the bridge in: check its users, access rules and certificates"
				.into()
		}
		ConnectionError::ConnectionRefused(code) => {
			return format!("the broker refuses the connection: {code:?}")
		}
		_ => {}
	}
	if let Some(tls) = tls_error(error) {
		return explain_tls(tls);
	}
	let hung_up = match io_error(error) {
		Some(error) => matches!(
			error.kind(),
			io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
		),
		None => matches!(error, ConnectionError::MqttState(StateError::ConnectionAborted)),
	};
	// An alert that says why is lost when the connection is reset before it was read.
	match (with_tls, hung_up) {
		(true, true) => format!(
			"{error}; when this is the first connection: is this its port for TLS, and does it accept {CERTIFICATE_SETTING}?"
		),
		_ => error.to_string(),
	}
}

/// The name in `DnsName("broker.example")`, as rustls tells it.
fn bare(name: &str) -> &str {
	name.split('"').nth(1).unwrap_or(name)
}

fn explain_tls(error: &rustls::Error) -> String {
	use AlertDescription as Alert;
	match error {
		rustls::Error::InvalidCertificate(problem) => match problem {
			CertificateError::UnknownIssuer | CertificateError::BadSignature => {
				format!("the broker's certificate is not signed by one in {CA_SETTING}")
			}
			CertificateError::NotValidForNameContext { expected, presented } => format!(
				"the broker's certificate is for {}, and broker names {}",
				match presented.is_empty() {
					true => "no name".to_owned(),
					false => presented
						.iter()
						.map(|name| bare(name))
						.collect::<Vec<_>>()
						.join(", "),
				},
				expected.to_str()
			),
			CertificateError::NotValidForName => "the broker's certificate is for another name".into(),
			CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
				"the broker's certificate has expired, by this machine's clock".into()
			}
			CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
				"the broker's certificate is not valid yet, by this machine's clock".into()
			}
			other => format!("the broker's certificate is not accepted: {other:?}"),
		},
		rustls::Error::AlertReceived(Alert::CertificateRequired) => {
			format!("the broker asks for a certificate: set {CERTIFICATE_SETTING} and {KEY_SETTING}")
		}
		rustls::Error::AlertReceived(Alert::CertificateExpired) => {
			format!("the broker says that the certificate in {CERTIFICATE_SETTING} has expired")
		}
		rustls::Error::AlertReceived(Alert::CertificateRevoked) => {
			format!("the broker says that the certificate in {CERTIFICATE_SETTING} is revoked")
		}
		rustls::Error::AlertReceived(
			alert @ (Alert::UnknownCA
			| Alert::BadCertificate
			| Alert::CertificateUnknown
			| Alert::UnsupportedCertificate
			| Alert::AccessDenied
			| Alert::DecryptError),
		) => format!("the broker does not accept the certificate in {CERTIFICATE_SETTING}: {alert:?}"),
		rustls::Error::PeerIncompatible(_) | rustls::Error::AlertReceived(Alert::ProtocolVersion) => {
			"the broker does not speak TLS 1.3".into()
		}
		rustls::Error::InvalidMessage(_) => {
			"what answers does not speak TLS: is this the broker's port for it?".into()
		}
		other => format!("TLS: {other}"),
	}
}
