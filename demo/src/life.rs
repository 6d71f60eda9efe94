//! One battery pack's life, step by step, each in a finalised block.

use crate::{
	payload::{DataSetsOfBattery, SALT_BYTES},
	watch::Watcher,
};
use anyhow::{bail, ensure, Context, Result};
use bms_sim::{proof_of_possession, sign_statement, DeviceIdentity};
use passport_client::{
	api::{self, runtime_types as types},
	canonical,
	test_keys::TestMember,
	Finalised, Ledger,
};
use passport_primitives::{
	battery::{Category, DocumentHash, PassportId},
	content_address,
	data_set::{DataSet, DataSets, Purpose},
	envelope::{self, Binding},
	ledger::AuthorityEnvelope,
	life_cycle::{DerivationConsent, EventKind, Publication, SecondLife, Status},
	telemetry::{crypto, statement::ThresholdStatement, Frame, Reading, MAX_FRAME_BYTES},
};
use passport_runtime_api::{PassportAnswer, Verification};
use std::{
	future::Future,
	path::Path,
	time::{SystemTime, UNIX_EPOCH},
};
use subxt::{
	tx::{Payload, StaticPayload},
	utils::Static,
};

/// Alias of the pack whose life is played.
pub const PACK_ALIAS: &str = "BAT-2027-NM-000001";

/// Unique identifier of the second-life battery that the pack becomes.
const STORAGE_IDENTIFIER: &str = "https://id.second-life.example/01/09506000199998/21/9FQ3T7W2KD5M";
const STORAGE_ALIAS: &str = "BAT-2035-NM-000001";

/// Blocks that an offer stands, and a grant: an hour and a day.
const OFFER_BLOCKS: u32 = 3_600;
const GRANT_BLOCKS: u32 = 86_400;

/// The council's threshold for a second life, in 0.01 %.
const THRESHOLD_BP: u16 = 7_000;

/// The pool takes 100 calls in one transaction, the batch itself included.
const CALLS_PER_BATCH: usize = 90;

/// A battery of the fleet.
pub struct Battery {
	/// Its alias, which its topics carry.
	pub alias: String,
	/// Its passport.
	pub passport: PassportId,
	/// Its place in the fleet: what its keys are derived from.
	pub fleet_index: u32,
	/// Number of its device on the ledger.
	pub device: u32,
}

/// Plays the life, printing a line for each step.
pub struct Life<'a> {
	ledger: &'a Ledger,
	seed: &'a str,
	step: u32,
	current: &'static str,
}

fn random_salt() -> [u8; SALT_BYTES] {
	rand::random()
}

/// A document that only its hash stands for.
fn hash_of(text: &str) -> DocumentHash {
	DocumentHash(canonical::passport_id(text).0)
}

fn bounded<T>(values: Vec<T>) -> types::bounded_collections::bounded_vec::BoundedVec<T> {
	types::bounded_collections::bounded_vec::BoundedVec(values)
}

/// The keys of data sets 2 and 3 for the market surveillance authority, which does not ask: Art. 77(2)(b). Each data set that
/// is kept off the ledger has a key of its own.
fn authority_envelopes(
	passport: PassportId,
	data: &DataSetsOfBattery,
) -> Result<Vec<Static<AuthorityEnvelope>>> {
	let authority = TestMember::MarketSurveillance;
	let (_, public_key) = authority.envelope_keys();
	let binding = Binding {
		passport,
		key_epoch: 0,
		grantee: authority.organisation(),
	};
	let commitments = data.commitments()?;
	[DataSet::Composition, DataSet::TestReports]
		.into_iter()
		.filter(|data_set| commitments[*data_set as usize].is_some())
		.map(|data_set| {
			let key: [u8; 32] = rand::random();
			Ok(Static(AuthorityEnvelope {
				authority: authority.organisation(),
				data_set,
				bytes: envelope::seal(&key, &public_key, &binding)?,
			}))
		})
		.collect()
}

fn alias_bytes(alias: &str) -> Result<[u8; 18]> {
	alias
		.as_bytes()
		.try_into()
		.with_context(|| format!("{alias} is no alias"))
}

impl<'a> Life<'a> {
	/// A life on `ledger`; devices have keys derived from `seed`.
	pub fn new(ledger: &'a Ledger, seed: &'a str) -> Self {
		Life {
			ledger,
			seed,
			step: 0,
			current: "nothing yet",
		}
	}

	/// The step that was played last, for a message when it fails.
	pub fn current(&self) -> &'static str {
		self.current
	}

	#[allow(clippy::print_stdout)]
	fn report(&mut self, text: &str, done: &Finalised) {
		self.step += 1;
		println!(
			"{:>2}  {text:<78} block {:>5}  {:#x}",
			self.step, done.block_number, done.block_hash
		);
	}

	#[allow(clippy::print_stdout)]
	fn note(&self, text: &str) {
		println!("    {text}");
	}

	async fn play<Call: Payload>(
		&mut self,
		name: &'static str,
		text: &str,
		by: TestMember,
		call: Call,
	) -> Result<Finalised> {
		self.current = name;
		let done = self
			.ledger
			.finalise(&call, &by.signer())
			.await
			.with_context(|| format!("step: {name}"))?;
		self.report(text, &done);
		Ok(done)
	}

	fn register_call(
		identifier: &str,
		alias: &str,
		category: Category,
		data: &DataSetsOfBattery,
	) -> Result<StaticPayload<api::passport::calls::Register>> {
		let commitments = data.commitments()?.map(|commitment| commitment.map(Static));
		let address = content_address::of_sha256(&canonical::passport_id(identifier).0);
		Ok(api::tx()
			.passport()
			.register(types::pallet_passport::types::NewPassport {
				unique_identifier: bounded(identifier.as_bytes().to_vec()),
				alias: Some(alias_bytes(alias)?),
				category: Static(category),
				commitments,
				content_address: Some(bounded(address)),
				envelopes: bounded(authority_envelopes(canonical::passport_id(identifier), data)?),
			}))
	}

	/// Registers the pack from its payloads, and a battery from the data model's sample beside it.
	pub async fn register(&mut self, data: &Path) -> Result<(PassportId, DataSetsOfBattery)> {
		let pack = DataSetsOfBattery::read(&data.join("ev-pack"), random_salt)?;
		let identifier = pack
			.document(DataSet::Model)
			.pointer("/generalProductInformation/batteryPassportIdentifier")
			.and_then(|value| value.as_str())
			.context("the pack's payload has no batteryPassportIdentifier")?
			.to_owned();
		let call = Self::register_call(&identifier, PACK_ALIAS, Category::ElectricVehicle, &pack)?;
		self.play(
			"register",
			"cell-works registers an EV pack, a commitment for each data set",
			TestMember::CellWorks,
			call,
		)
		.await?;
		let passport = canonical::passport_id(&identifier);

		let sample = DataSetsOfBattery::read(&data.join("batterypass"), random_salt)?;
		let identifier = sample
			.document(DataSet::Model)
			.pointer("/generalProductInformation/batteryPassportIdentifier")
			.and_then(|value| value.as_str())
			.context("the sample has no batteryPassportIdentifier")?
			.to_owned();
		let call = Self::register_call(
			&identifier,
			"BAT-2027-LM-000001",
			Category::LightMeansOfTransport,
			&sample,
		)?;
		self.play(
			"register sample",
			"cell-works registers the BatteryPassDataModel's sample",
			TestMember::CellWorks,
			call,
		)
		.await?;

		for set in DataSet::ALL {
			let held = self.ledger.verify(passport, set, pack.commitment(set)?).await?;
			ensure!(
				held == Verification::Matches,
				"data set {} does not verify: {held:?}",
				set.point()
			);
		}
		let forged = canonical::commit(DataSet::Model, &serde_json::json!({"ratedEnergy": 100}), None)?;
		let held = self.ledger.verify(passport, DataSet::Model, forged).await?;
		ensure!(held == Verification::Differs, "a forged document verified");
		self.note("every data set verifies against the ledger; a forged document does not");
		Ok((passport, pack))
	}

	/// Documents, quality, certification.
	pub async fn certify(&mut self, passport: PassportId) -> Result<()> {
		let declaration = hash_of("declaration of conformity CW-NMC811-96S-77");
		let call = api::tx().documents().anchor(
			Static(passport),
			bounded(content_address::of_sha256(&declaration.0)),
			types::pallet_documents::types::DocumentKind::DeclarationOfConformity,
			Static(DataSet::Model),
			184_320,
		);
		self.play(
			"anchor document",
			"cell-works anchors the declaration of conformity by its CID",
			TestMember::CellWorks,
			call,
		)
		.await?;
		let event = |kind, evidence: &str| {
			api::tx()
				.passport()
				.record_event(Static(passport), Static(kind), Static(hash_of(evidence)))
		};
		let call = event(
			EventKind::ManufacturingComplete,
			"quality assurance results, plant Salzgitter",
		);
		self.play(
			"manufacturing_complete",
			"cell-works records manufacturing_complete",
			TestMember::CellWorks,
			call,
		)
		.await?;
		let call = event(
			EventKind::QualityCertified,
			"certificate QL-2027-4711, inspector 12",
		);
		self.play(
			"quality_certified",
			"quality-lab records quality_certified",
			TestMember::QualityLab,
			call,
		)
		.await?;
		Ok(())
	}

	/// Registers the rest of the fleet and every battery's device; returns the fleet, the pack first.
	pub async fn register_fleet(
		&mut self,
		pack: PassportId,
		data: &DataSetsOfBattery,
		batteries: u32,
	) -> Result<Vec<Battery>> {
		self.current = "register fleet";
		let mut fleet = vec![(PACK_ALIAS.to_owned(), pack)];
		let mut registrations = Vec::new();
		for number in 2..=batteries {
			let alias = format!("BAT-2027-NM-{number:06}");
			let identifier = format!("https://id.cell-works.example/01/09506000134352/21/FLEET{number:06}");
			registrations.push(types::passport_runtime::RuntimeCall::Passport(
				types::pallet_passport::pallet::Call::register {
					new: types::pallet_passport::types::NewPassport {
						unique_identifier: bounded(identifier.as_bytes().to_vec()),
						alias: Some(alias_bytes(&alias)?),
						category: Static(Category::ElectricVehicle),
						commitments: data.commitments()?.map(|commitment| commitment.map(Static)),
						content_address: None,
						envelopes: bounded(authority_envelopes(canonical::passport_id(&identifier), data)?),
					},
				},
			));
			fleet.push((alias, canonical::passport_id(&identifier)));
		}
		let genesis = self.ledger.genesis_hash();
		let devices = fleet.iter().zip(0..).map(|((_, passport), index)| {
			let identity = DeviceIdentity::derive(self.seed, index);
			let public_key = identity.public_key();
			let proof = proof_of_possession(&identity.signing_key, &genesis, passport.0);
			types::passport_runtime::RuntimeCall::Telemetry(
				types::pallet_telemetry::pallet::Call::register_device {
					passport: Static(*passport),
					public_key,
					proof,
				},
			)
		});
		let mut calls = registrations.into_iter().chain(devices).peekable();
		let mut last = None;
		while calls.peek().is_some() {
			let batch = api::tx()
				.utility()
				.batch_all(calls.by_ref().take(CALLS_PER_BATCH).collect());
			last = Some(
				self.ledger
					.finalise(&batch, &TestMember::CellWorks.signer())
					.await
					.context("step: register fleet")?,
			);
		}
		let text = format!(
			"cell-works registers {} more batteries and {batteries} devices",
			batteries - 1
		);
		self.report(&text, &last.context("a fleet has at least one battery")?);

		let mut registered = Vec::new();
		for ((alias, passport), fleet_index) in fleet.into_iter().zip(0..) {
			let device = self.ledger.device_by_battery_name(&alias).await?;
			let device = device.with_context(|| format!("{alias} has no device"))?.index;
			registered.push(Battery {
				alias,
				passport,
				fleet_index,
				device,
			});
		}
		Ok(registered)
	}

	async fn transfer(
		&mut self,
		passport: PassportId,
		from: TestMember,
		to: TestMember,
		kind: types::pallet_ownership_transfer::types::TransferKind,
	) -> Result<()> {
		let call = api::tx().ownership_transfer().offer(
			Static(to.organisation()),
			kind,
			true,
			bounded(vec![Static(passport)]),
			Some(Static(hash_of("location: DE, Salzgitter, dock 4"))),
			bounded(vec![Static(hash_of("invoice 12345"))]),
			OFFER_BLOCKS,
		);
		let text = format!("{} offers the battery to {}", from.name(), to.name());
		let offered = self.play("offer transfer", &text, from, call).await?;
		let offer = offered
			.events
			.find_first::<api::ownership_transfer::events::TransferOffered>()
			.context("no TransferOffered event")??;
		let call = api::tx().ownership_transfer().accept(offer.transfer, None, true);
		let text = format!("{} accepts", to.name());
		self.play("accept transfer", &text, to, call).await?;
		let view = self
			.ledger
			.live_passport(passport)
			.await?
			.context("the passport is gone")?;
		ensure!(view.owner == to.organisation(), "the owner is {}", view.owner);
		ensure!(
			view.operated_by == to.organisation(),
			"the operator is {}",
			view.operated_by
		);
		Ok(())
	}

	/// To a distributor and on to an operator, who installs it.
	pub async fn sell(&mut self, passport: PassportId) -> Result<()> {
		use types::pallet_ownership_transfer::types::TransferKind::Sale;
		self.transfer(passport, TestMember::CellWorks, TestMember::BatteryTrade, Sale)
			.await?;
		self.transfer(passport, TestMember::BatteryTrade, TestMember::FleetOne, Sale)
			.await?;
		let call = api::tx().passport().record_event(
			Static(passport),
			Static(EventKind::Installation),
			Static(hash_of("vehicle WVW-1, installer fleet-one workshop")),
		);
		self.play(
			"installation",
			"fleet-one records installation",
			TestMember::FleetOne,
			call,
		)
		.await?;
		let view = self
			.ledger
			.live_passport(passport)
			.await?
			.context("the passport is gone")?;
		ensure!(
			view.responsible_operator == TestMember::CellWorks.organisation(),
			"responsibility moved with ownership"
		);
		Ok(())
	}

	/// A data broker asks, is granted, and reads what it was granted out of finalised blocks.
	pub async fn grant(&mut self, battery: &Battery, watcher: &Watcher) -> Result<()> {
		let (passport, broker) = (battery.passport, TestMember::DataBroker);
		let call = api::tx().access_grant().request(
			Static(passport),
			Static(DataSets::of(&[DataSet::Individual])),
			Static(Purpose::Valuation),
			GRANT_BLOCKS,
		);
		let asked = self
			.play("request grant", "data-broker asks for data set 4", broker, call)
			.await?;
		let request = asked
			.events
			.find_first::<api::access_grant::events::GrantRequested>()
			.context("no GrantRequested event")??;

		let device = self
			.ledger
			.device(battery.device)
			.await?
			.context("the device is gone")?;
		let organisation = self.ledger.organisation(broker.organisation()).await?;
		let broker_key: [u8; 32] = organisation
			.and_then(|organisation| organisation.hpke_public_key.0.try_into().ok())
			.context("the broker has no HPKE key on the ledger")?;
		let identity = DeviceIdentity::derive(self.seed, battery.fleet_index);
		let binding = Binding {
			passport,
			key_epoch: device.key_epoch,
			grantee: broker.organisation(),
		};
		let key = identity.master.seal_key(device.key_epoch);
		let sealed = envelope::seal(key.expose(), &broker_key, &binding)?;
		let grant = request.grant.0;
		let grant_id = || types::pallet_access_grant::types::GrantId(grant);
		let call = api::tx().access_grant().approve(
			grant_id(),
			Some(types::pallet_access_grant::types::KeyEnvelope {
				key_epoch: device.key_epoch,
				bytes: sealed,
			}),
		);
		self.play(
			"approve grant",
			"cell-works approves with the epoch's key in an HPKE envelope",
			TestMember::CellWorks,
			call,
		)
		.await?;

		// From here the broker has its own private key and what the ledger shows everybody, nothing else.
		let grants = self.ledger.grants_of(passport).await?;
		let granted = grants
			.iter()
			.find(|grant| grant.open)
			.context("the grant is not open")?;
		let (secret, _) = broker.envelope_keys();
		let epoch = granted.key_epoch.context("the grant has no key epoch")?;
		let bytes = granted.envelope.as_ref().context("the grant has no envelope")?;
		let binding = Binding {
			key_epoch: epoch,
			..binding
		};
		let key = crypto::SealKey::new(envelope::open(&bytes.0, &secret, &binding)?);
		let readings = watcher.read(|seen| -> Result<Vec<Reading>> {
			let mut readings = Vec::new();
			for ((device, _), frame) in &seen.frames {
				if *device == battery.device {
					let frame = Frame::parse(&frame.bytes)?;
					crypto::open(&frame, &key, &mut [0; MAX_FRAME_BYTES], |reading| {
						readings.push(reading);
					})?;
				}
			}
			Ok(readings)
		})?;
		let last = readings.last().context("the broker found no reading")?;
		self.note(&format!(
			"data-broker opens {} readings out of finalised blocks; the last: state of health {:.2} %, charge {:.2} %, {:.1} V",
			readings.len(),
			f64::from(last.state_of_health_bp) / 100.0,
			f64::from(last.state_of_charge_bp) / 100.0,
			f64::from(last.voltage_mv) / 1000.0,
		));
		let (other, _) = TestMember::MarketSurveillance.envelope_keys();
		ensure!(
			envelope::open(&bytes.0, &other, &binding).is_err(),
			"another member opened the envelope"
		);

		let call = api::tx().access_grant().revoke(grant_id());
		self.play(
			"revoke grant",
			"cell-works revokes the grant: a new key epoch starts",
			TestMember::CellWorks,
			call,
		)
		.await?;
		let device = self
			.ledger
			.device(battery.device)
			.await?
			.context("the device is gone")?;
		ensure!(device.key_epoch == epoch + 1, "no new key epoch");
		Ok(())
	}

	/// The device says that its state of health is at or above the council's threshold, and not what it is: the branch of the
	/// protocol's section 5.1 into a second life.
	async fn state_health(&mut self, battery: &Battery) -> Result<()> {
		let identity = DeviceIdentity::derive(self.seed, battery.fleet_index);
		let statement = ThresholdStatement {
			threshold_bp: THRESHOLD_BP,
			at_or_above: true,
			made_at_seconds: SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
		};
		let genesis = self.ledger.genesis_hash();
		let signature = sign_statement(&identity.signing_key, &statement, &genesis, battery.passport.0);
		let call =
			api::tx()
				.telemetry()
				.submit_threshold_statement(battery.device, Static(statement), signature);
		self.play(
			"threshold statement",
			"the battery states: health at or above 70 %, and signs it",
			TestMember::FrameBridge,
			call,
		)
		.await?;
		Ok(())
	}

	/// Retired from the vehicle, repurposed as stationary storage under a new passport; returns that passport.
	pub async fn second_life(&mut self, battery: &Battery, data: &Path) -> Result<PassportId> {
		use types::pallet_ownership_transfer::types::TransferKind::Sale;
		let passport = battery.passport;
		self.state_health(battery).await?;
		let call = api::tx().passport().record_event(
			Static(passport),
			Static(EventKind::EndOfLife),
			Static(hash_of("retired from the vehicle, reason: range")),
		);
		self.play(
			"end_of_life",
			"fleet-one records end_of_life in the vehicle",
			TestMember::FleetOne,
			call,
		)
		.await?;
		self.transfer(passport, TestMember::FleetOne, TestMember::SecondLife, Sale)
			.await?;
		let mut storage = DataSetsOfBattery::read(&data.join("ev-pack"), random_salt)?;
		storage.update(DataSet::Model, |document| {
			if let Some(product) = document.pointer_mut("/generalProductInformation") {
				product["batteryPassportIdentifier"] = STORAGE_IDENTIFIER.into();
				product["batteryCategory"] = "stationary".into();
				product["batteryStatus"] = "Repurposed".into();
			}
		});
		let successor = canonical::passport_id(STORAGE_IDENTIFIER);
		// Cell-works, still responsible, consents by a signature that second-life carries to the ledger.
		let maker = TestMember::CellWorks;
		let expires_at = self.ledger.finalised_head().await?.0 + OFFER_BLOCKS;
		let message = DerivationConsent {
			predecessor: passport,
			successor,
			deriving: TestMember::SecondLife.organisation(),
			operation: SecondLife::Repurposing,
			expires_at: expires_at.into(),
		}
		.message(&self.ledger.genesis_hash());
		let signer = maker.signer();
		let consent = types::pallet_passport::types::Consent {
			account: signer.public_key().to_account_id(),
			signature: types::sp_runtime::MultiSignature::Sr25519(signer.sign(&message).0),
			expires_at,
		};
		let call = api::tx().passport().derive(
			bounded(vec![Static(passport)]),
			Static(SecondLife::Repurposing),
			types::pallet_passport::types::NewPassport {
				unique_identifier: bounded(STORAGE_IDENTIFIER.as_bytes().to_vec()),
				alias: Some(alias_bytes(STORAGE_ALIAS)?),
				category: Static(Category::StationaryStorage),
				commitments: storage.commitments()?.map(|commitment| commitment.map(Static)),
				content_address: None,
				envelopes: bounded(authority_envelopes(successor, &storage)?),
			},
			bounded(vec![consent]),
		);
		self.play(
			"derive",
			"second-life repurposes it with cell-works' consent: a passport linked to the first",
			TestMember::SecondLife,
			call,
		)
		.await?;
		let first = self
			.ledger
			.live_passport(passport)
			.await?
			.context("the predecessor is gone")?;
		let second = self
			.ledger
			.live_passport(successor)
			.await?
			.context("the successor is not there")?;
		ensure!(first.publication == Publication::Superseded && first.successors == [successor]);
		ensure!(second.status == Status::Repurposed && second.predecessors == [passport]);
		Ok(successor)
	}

	/// Waste, recycling, tombstone.
	pub async fn recycle(&mut self, passport: PassportId, predecessor: PassportId) -> Result<()> {
		let recycler = TestMember::RecyclingPlant;
		let call = api::tx()
			.passport()
			.hand_over_to_waste_operator(Static(passport), Static(recycler.organisation()));
		self.play(
			"hand over",
			"second-life offers the waste battery to recycling-plant",
			TestMember::SecondLife,
			call,
		)
		.await?;
		let call = api::tx().passport().accept_waste_hand_over(Static(passport));
		self.play(
			"accept waste",
			"recycling-plant accepts: it answers for the battery and owns it",
			recycler,
			call,
		)
		.await?;
		let call = api::tx().passport().record_event(
			Static(passport),
			Static(EventKind::RecyclingInitiated),
			Static(hash_of("facility Hanau, line 2, week 31")),
		);
		self.play(
			"recycling_initiated",
			"recycling-plant records recycling_initiated",
			recycler,
			call,
		)
		.await?;
		let salted =
			serde_json::json!({"inputKilograms": 412, "lithiumKilograms": 5.1, "nickelKilograms": 41.7});
		let salt = random_salt();
		let call = api::tx().passport().register_recycling_batch(
			bounded(b"DE-HE-4711 Hanau line 2".to_vec()),
			2041,
			Static(canonical::commit(DataSet::Composition, &salted, Some(&salt))?),
		);
		let batch = self
			.play(
				"recycling batch",
				"recycling-plant commits to the masses that its batch recovered",
				recycler,
				call,
			)
			.await?
			.events
			.find_first::<api::passport::events::RecyclingBatchRegistered>()
			.context("no RecyclingBatchRegistered event")??
			.batch;
		let call = api::tx().passport().close_as_recycled(
			Static(passport),
			batch,
			Static(hash_of("recovery report Hanau 2041-31")),
		);
		self.play(
			"close",
			"recycling-plant closes the passport: a tombstone is left",
			recycler,
			call,
		)
		.await?;
		match self.ledger.passport(passport).await? {
			Some(PassportAnswer::Ceased(_)) => {}
			other => bail!("the passport did not cease to exist: {other:?}"),
		}
		ensure!(
			self.ledger.live_passport(predecessor).await?.is_some(),
			"the predecessor ceased with its successor"
		);
		self.note("the passport ceased to exist; its predecessor's record stays live");
		Ok(())
	}
}

/// Waits for a condition, asking again after a quarter of a second, until `seconds` are over.
pub async fn wait_until<Asked: Future<Output = Result<bool>>>(
	seconds: u64,
	what: &str,
	mut ask: impl FnMut() -> Asked,
) -> Result<()> {
	let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(seconds);
	loop {
		if ask().await? {
			return Ok(());
		}
		if tokio::time::Instant::now() > deadline {
			bail!("{what}: not within {seconds} s");
		}
		tokio::time::sleep(std::time::Duration::from_millis(250)).await;
	}
}
