//! Certificates for tests, made anew for each.

use rcgen::{
	date_time_ymd, BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
	KeyUsagePurpose,
};
use std::{
	fs,
	path::{Path, PathBuf},
};

/// Someone who signs certificates.
pub struct Authority(Certificate);

/// A certificate and its key, in PEM.
pub struct Issued {
	pub certificate: String,
	pub key: String,
}

impl Authority {
	pub fn new(name: &str) -> Self {
		let mut params = CertificateParams::new(Vec::<String>::new());
		params.distinguished_name.push(DnType::CommonName, name);
		params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
		params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
		Authority(Certificate::from_params(params).unwrap())
	}

	/// Its own certificate, in PEM.
	pub fn certificate(&self) -> String {
		self.0.serialize_pem().unwrap()
	}

	fn issue(&self, common_name: &str, host: Option<&str>, last_year: i32) -> Issued {
		let hosts: Vec<String> = host.into_iter().map(str::to_owned).collect();
		let mut params = CertificateParams::new(hosts);
		params.distinguished_name.push(DnType::CommonName, common_name);
		params.not_after = date_time_ymd(last_year, 1, 1);
		params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
		params.extended_key_usages = vec![match host {
			Some(_) => ExtendedKeyUsagePurpose::ServerAuth,
			None => ExtendedKeyUsagePurpose::ClientAuth,
		}];
		let certificate = Certificate::from_params(params).unwrap();
		Issued {
			certificate: certificate.serialize_pem_with_signer(&self.0).unwrap(),
			key: certificate.serialize_private_key_pem(),
		}
	}

	/// For a broker on this host.
	pub fn broker(&self, host: &str) -> Issued {
		self.issue("broker", Some(host), 2100)
	}

	/// For a broker on this host, and long over.
	pub fn expired_broker(&self, host: &str) -> Issued {
		self.issue("broker", Some(host), 2020)
	}

	/// For a client of this name.
	pub fn client(&self, name: &str) -> Issued {
		self.issue(name, None, 2100)
	}

	/// For a client of this name, and long over.
	pub fn expired_client(&self, name: &str) -> Issued {
		self.issue(name, None, 2020)
	}
}

/// Writes a file that its owner alone may read.
pub fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
	let path = directory.join(name);
	fs::write(&path, text).unwrap();
	#[cfg(unix)]
	fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
	path
}
