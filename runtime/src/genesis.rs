//! Presets of the first block.
//!
//! | Preset | Collators | Consortium | Endowed | Claims are drawn by |
//! |---|---|---|---|---|
//! | `development` | Alice | Alice, Bob, Charlie | Alice to Ferdie | hashes of blocks, for want of a relay chain |
//! | `local_testnet` | Alice, Bob | Alice, Bob, Charlie | Alice to Ferdie | the relay chain's randomness |
//!
//! Both have a rhythm of research in minutes instead of days. No member is registered: members apply and are voted in. There is no sudo key in any preset.

use alloc::{vec, vec::Vec};

use cumulus_primitives_core::ParaId;
use frame_support::build_struct_json_patch;
use medrec_primitives::Moment;
use pallet_research::Schedule;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring;

use crate::{
    constants::{EXISTENTIAL_DEPOSIT, MDR},
    AccountId, Balance, BalancesConfig, CollatorSelectionConfig, CouncilMembershipConfig,
    ParachainInfoConfig, PolkadotXcmConfig, ResearchConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys,
};

/// The identifier of this chain on development relay chains.
pub const DEVELOPMENT_PARA_ID: u32 = 1_000;
/// What each well-known account is given in presets (plancks).
const ENDOWMENT: Balance = 1_000_000 * MDR;

/// The accounts that presets endow: Alice to Ferdie, without their derived stashes.
const ENDOWED: [Sr25519Keyring; 6] = [
    Sr25519Keyring::Alice,
    Sr25519Keyring::Bob,
    Sr25519Keyring::Charlie,
    Sr25519Keyring::Dave,
    Sr25519Keyring::Eve,
    Sr25519Keyring::Ferdie,
];

/// The three providers that make up the consortium in presets.
const COUNCIL: [Sr25519Keyring; 3] = [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie];

fn accounts(keys: &[Sr25519Keyring]) -> Vec<AccountId> {
    keys.iter().map(|key| key.to_account_id()).collect()
}

/// The rhythm of research on chains that are looked at for an hour (ms).
const QUICK: Schedule =
    Schedule { era: 5 * MINUTE, window: MINUTE, answer: MINUTE, grace: 10 * MINUTE, epoch: MINUTE };
/// One minute (ms).
const MINUTE: Moment = 60_000;

fn preset(collators: &[Sr25519Keyring], block_hash_beacon: bool) -> serde_json::Value {
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: accounts(&ENDOWED).into_iter().map(|who| (who, ENDOWMENT)).collect(),
        },
        parachain_info: ParachainInfoConfig { parachain_id: ParaId::new(DEVELOPMENT_PARA_ID) },
        collator_selection: CollatorSelectionConfig {
            invulnerables: accounts(collators),
            candidacy_bond: EXISTENTIAL_DEPOSIT * 16,
        },
        session: SessionConfig {
            keys: collators
                .iter()
                .map(|key| {
                    let account = key.to_account_id();
                    (account.clone(), account, SessionKeys { aura: key.public().into() })
                })
                .collect(),
        },
        polkadot_xcm: PolkadotXcmConfig { safe_xcm_version: Some(xcm::latest::VERSION) },
        council_membership: CouncilMembershipConfig {
            members: accounts(&COUNCIL).try_into().unwrap_or_default(),
        },
        research: ResearchConfig { schedule: Some(QUICK), block_hash_beacon },
    })
}

/// The preset with this name, as a JSON patch over the default genesis configuration.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let patch = match id.as_ref() {
        DEV_RUNTIME_PRESET => preset(&[Sr25519Keyring::Alice], true),
        LOCAL_TESTNET_RUNTIME_PRESET => preset(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob], false),
        _ => return None,
    };
    serde_json::to_vec(&patch).ok()
}

/// The whole genesis configuration of the preset with this name, for what runs natively.
#[cfg(feature = "std")]
pub fn config(id: &PresetId) -> Option<RuntimeGenesisConfig> {
    let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).ok()?;
    merge(&mut config, serde_json::from_slice(&get_preset(id)?).ok()?);
    serde_json::from_value(config).ok()
}

/// Overwrites with what the patch says, object by object.
#[cfg(feature = "std")]
fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
    use serde_json::Value;

    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch,
    }
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![PresetId::from(DEV_RUNTIME_PRESET), PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET)]
}
