//! The JSON bodies of the research interface. Numbers that may not fit a double stand as text.

use medrec_primitives::{
    research::{answer::commitment_message, AnswerKey, PartKind, TableKind},
    MemberId,
};
use serde::{Deserialize, Serialize};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;

use crate::text;

/// An answer, as it is handed to whoever claimed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerBody {
    /// Of this form: 1.
    pub version: u8,
    /// The provider.
    pub provider: MemberId,
    /// Its table.
    pub table: u32,
    /// The table's epoch.
    pub epoch: u16,
    /// What the answer cost, in millionths of rho.
    pub rho: u32,
    /// Digest of the table's definition, hexadecimal.
    pub definition: String,
    /// The salt of the commitment on chain, hexadecimal.
    pub salt: String,
    /// The numbers, part by part.
    pub parts: Vec<PartBody>,
}

/// A part of an answer, with noise of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartBody {
    /// What it is: `cohort`, `cells`, `count`, `sum`.
    pub part: String,
    /// The numbers, noise included. They can be below 0.
    pub numbers: Vec<String>,
    /// The variance of the noise on each, exactly: `[numerator, denominator]`.
    pub variance: [String; 2],
}

/// What a part is called.
pub fn part_name(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Cohort => "cohort",
        PartKind::Cells => "cells",
        PartKind::Count => "count",
        PartKind::Sum => "sum",
    }
}

/// Why an answer is not what was committed to, or makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// It is not in this form.
    #[error("the answer is not in a form that this program understands")]
    Form,
    /// It answers something else.
    #[error("the answer is to another table or epoch than was claimed")]
    OtherAnswer,
    /// Its parts are not those of the planned table.
    #[error("the answer does not have the parts of the planned table")]
    OtherParts,
    /// The numbers are not what was committed to.
    #[error("the numbers are not the ones that the provider committed to on chain: dispute the claim")]
    OtherNumbers,
}

impl AnswerBody {
    /// The numbers, part by part, if they are the ones that were committed to and have the shape that the plan says.
    pub fn verified(
        &self,
        genesis: H256,
        answer: AnswerKey,
        kind: TableKind,
        rho: u32,
        commitment: &[u8; 32],
    ) -> Result<Vec<Vec<i128>>, AnswerProblem> {
        let salt: [u8; 32] = text::hex_array(&self.salt).ok_or(AnswerProblem::Form)?;
        let key = AnswerKey { provider: self.provider, table: self.table, epoch: self.epoch };
        if self.version != 1 {
            return Err(AnswerProblem::Form);
        }
        if key != answer {
            return Err(AnswerProblem::OtherAnswer);
        }
        let planned: Vec<_> = kind.parts(rho).into_iter().flatten().flatten().collect();
        let fits = self.rho == rho
            && planned.len() == self.parts.len()
            && planned.iter().zip(&self.parts).all(|(planned, part)| {
                part.part == part_name(planned.kind) && part.numbers.len() == usize::from(planned.width)
            });
        if !fits {
            return Err(AnswerProblem::OtherParts);
        }
        let numbers = |part: &PartBody| -> Option<Vec<i128>> {
            part.numbers.iter().map(|number| text::number(number)).collect()
        };
        let parts: Vec<Vec<i128>> =
            self.parts.iter().map(numbers).collect::<Option<_>>().ok_or(AnswerProblem::Form)?;
        if digest(genesis, answer, &salt, &parts) != *commitment {
            return Err(AnswerProblem::OtherNumbers);
        }
        Ok(parts)
    }
}

/// What the chain gets of an answer.
pub fn digest(genesis: H256, answer: AnswerKey, salt: &[u8; 32], parts: &[Vec<i128>]) -> [u8; 32] {
    let numbers: Vec<i128> = parts.iter().flatten().copied().collect();
    blake2_256(&commitment_message(genesis.as_bytes(), answer, salt, &numbers))
}

/// What is asked by `POST /research/withdrawal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawalBody {
    /// Whose records, such as `r0-3`.
    pub patient: String,
    /// Whether they count no longer, or again as the choice on chain says.
    pub withdrawn: bool,
}

/// What a patient is told: `GET /research/counted?patient=r0-3`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CountedBody {
    /// Whose records.
    pub patient: String,
    /// Whether they were withdrawn at this gatekeeper.
    pub withdrawn: bool,
    /// Every answer that this gatekeeper has made, the oldest first.
    pub answers: Vec<CountedAnswer>,
}

/// An answer, and whether a patient was counted in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CountedAnswer {
    /// The table.
    pub table: u32,
    /// Its epoch.
    pub epoch: u16,
    /// What the table tells.
    pub title: String,
    /// When it was made (ms).
    pub made: u64,
    /// Whether the patient was in the cohort.
    pub counted: bool,
}

/// The definitions that a gatekeeper serves: `GET /research/definitions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DefinitionsBody {
    /// Each by its digest, hexadecimal.
    pub definitions: Vec<DefinitionBody>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DefinitionBody {
    /// BLAKE2b-256 of its text, hexadecimal.
    pub digest: String,
    /// What it tells.
    pub title: String,
}
