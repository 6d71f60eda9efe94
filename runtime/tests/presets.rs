//! The genesis presets build, and hold what they promise.

mod chain;

use chain::built;
use passport_primitives::envelope::EnvelopeSecret;
use passport_runtime::{genesis, Runtime};

#[test]
fn the_dev_preset_has_one_validator_and_a_sudo_key() {
	built(genesis::DEVELOPMENT).execute_with(|| {
		assert_eq!(pallet_validators::Validators::<Runtime>::get().len(), 1);
		assert_eq!(pallet_validators::MinimumValidators::<Runtime>::get(), 1);
		assert!(pallet_sudo::Key::<Runtime>::get().is_some());
		assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), 1);
		assert_eq!(pallet_grandpa::Pallet::<Runtime>::grandpa_authorities().len(), 1);
	});
}

#[test]
fn the_local_preset_has_four_validators_a_council_and_no_root() {
	built(genesis::LOCAL).execute_with(|| {
		assert_eq!(pallet_validators::Validators::<Runtime>::get().len(), 4);
		assert_eq!(pallet_validators::MinimumValidators::<Runtime>::get(), 4);
		assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
		assert_eq!(pallet_grandpa::Pallet::<Runtime>::grandpa_authorities().len(), 4);
		assert_eq!(
			pallet_collective::Members::<Runtime, pallet_collective::Instance1>::get().len(),
			5
		);
	});
}

#[test]
fn the_test_members_have_the_hpke_keys_of_their_names() {
	for organisation in genesis::TEST_ORGANISATIONS {
		let secret = format!("battery-passport-test-hpke-key//{}", organisation.name);
		let (_, public_key) = EnvelopeSecret::derive(secret.as_bytes());
		assert_eq!(public_key, organisation.hpke_public_key, "{}", organisation.name);
	}
}

#[test]
fn the_storage_of_every_preset_is_consistent() {
	for preset in genesis::preset_names() {
		built(preset.as_ref()).execute_with(|| {
			for (number, organisation) in pallet_organisations::Organisations::<Runtime>::iter() {
				for account in organisation.accounts {
					assert_eq!(
						pallet_organisations::OrganisationOf::<Runtime>::get(&account),
						Some(number)
					);
					assert_eq!(frame_system::Pallet::<Runtime>::providers(&account), 1);
				}
			}
			assert_eq!(
				pallet_organisations::Organisations::<Runtime>::iter().count(),
				genesis::TEST_ORGANISATIONS.len()
			);
		});
	}
}
