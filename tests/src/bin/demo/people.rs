//! Who is in the story.

use anyhow::Result;
use medrec_client::{
    keys::{new_phrase, patient_key, KeyPair},
    KeyType,
};
use medrec_primitives::RelationshipId;
use medrec_tests::hospitals::Hospital;

/// Pieter, his doctor, and somebody else, with keys that were never used before.
pub struct People {
    /// Pieter's recovery phrase.
    pub patient_phrase: String,
    /// Pieter's key at Riverside: `//medrec//0` beneath his phrase.
    pub at_riverside: KeyPair,
    /// Pieter's key at Hillcrest: `//medrec//1`.
    pub at_hillcrest: KeyPair,
    /// His relationship with Riverside, once there is one.
    pub riverside: Option<RelationshipId>,
    /// His relationship with Hillcrest, once there is one.
    pub hillcrest: Option<RelationshipId>,
    /// The doctor's recovery phrase.
    pub doctor_phrase: String,
    /// The doctor's key.
    pub doctor: KeyPair,
    /// A stranger's key.
    pub stranger: KeyPair,
}

impl People {
    /// Fresh keys for everybody.
    pub fn new() -> Result<Self> {
        let [patient, doctor, stranger] = [new_phrase(), new_phrase(), new_phrase()];
        let plain = |phrase: &str| KeyPair::from_suri(phrase, KeyType::Sr25519);
        Ok(Self {
            at_riverside: patient_key(&patient, 0)?,
            at_hillcrest: patient_key(&patient, 1)?,
            patient_phrase: patient.to_string(),
            riverside: None,
            hillcrest: None,
            doctor: plain(&doctor)?,
            doctor_phrase: doctor.to_string(),
            stranger: plain(&stranger)?,
        })
    }

    /// Pieter's key at a hospital.
    pub fn patient(&self, hospital: Hospital) -> &KeyPair {
        match hospital {
            Hospital::Riverside => &self.at_riverside,
            Hospital::Hillcrest => &self.at_hillcrest,
        }
    }
}
