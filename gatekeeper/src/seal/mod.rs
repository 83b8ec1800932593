//! The gatekeeper's signature under what it answers, permits and denials alike.
//!
//! It covers who asked for what, the status, the exact bytes of the body and the time, so that the asker can show later
//! what was said, and nobody between can change it.

use medrec_client::{
    answer::{Answer, AnswerSignature},
    KeyPair, Signature,
};
use medrec_primitives::{access::receipt_message, AccountId, MemberId, Moment, SignedReceipt};
use medrec_proof::disclose::Pending;
use sp_core::{crypto::Ss58Codec, sr25519, Pair};

use crate::chain::Hash;

/// Signs answers.
#[derive(Clone, Debug)]
pub struct Sealer {
    key: KeyPair,
    genesis: Hash,
    member: MemberId,
}

/// What goes with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The signature.
    pub signature: AnswerSignature,
    /// The time it covers (ms).
    pub date: Moment,
    /// Whom it answers.
    pub asker: AccountId,
}

impl Sealer {
    /// Signs for `member` with the key that the chain names as its gatekeeper's.
    pub fn new(key: KeyPair, genesis: Hash, member: MemberId) -> Self {
        Self { key, genesis, member }
    }

    /// The gatekeeper's account.
    pub fn account(&self) -> AccountId {
        self.key.account()
    }

    /// Signs an answer to `asker`.
    pub fn seal(&self, target: &str, asker: &AccountId, status: u16, body: &[u8], date: Moment) -> Seal {
        let answer = Answer { genesis: self.genesis, member: self.member, target, asker, status, body, date };
        Seal { signature: answer.sign(&self.key), date, asker: asker.clone() }
    }

    /// Signs for a version of a record that is not anchored yet.
    pub fn sign_pending(&self, root: &[u8; 32], date: Moment) -> Pending {
        let unsigned = Pending {
            genesis: format!("{:#x}", self.genesis),
            member: self.member,
            date,
            account: self.account().to_ss58check(),
            signature: String::new(),
        };
        let signature = self.key.sign(unsigned.message(root).as_bytes());
        Pending { signature: signature.to_hex(), ..unsigned }
    }

    /// The chain and the member that it signs for.
    pub fn place(&self) -> (Hash, MemberId) {
        (self.genesis, self.member)
    }

    /// Signs the receipt of a request on chain, unless it has this key's signature already. The chain takes sr25519, as all
    /// gatekeepers have; `None` for any other key.
    pub fn sign_receipt(&self, receipt: SignedReceipt) -> Option<SignedReceipt> {
        let SignedReceipt { request, settlement, digest, signature } = receipt;
        let message = receipt_message(self.genesis.as_ref(), request, settlement, &digest);
        let key = sr25519::Public::from_raw(self.account().into());
        if sr25519::Pair::verify(&sr25519::Signature::from_raw(signature), &message, &key) {
            return Some(receipt);
        }
        match self.key.sign(&message) {
            Signature::Sr25519(signature) => Some(SignedReceipt { signature, ..receipt }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use medrec_client::KeyType;
    use medrec_primitives::{RequestId, Settlement};

    use super::*;

    #[test]
    fn receipt_should_be_signed_anew_when_the_key_is_another_and_only_then() {
        let sealer = |suri| Sealer::new(KeyPair::from_suri(suri, KeyType::Sr25519).unwrap(), Hash::zero(), 0);
        let (old, new) = (sealer("//Old"), sealer("//New"));
        let unsigned = SignedReceipt {
            request: RequestId::new(0, 3),
            settlement: Settlement::Fulfilled,
            digest: [4; 32],
            signature: [0; 64],
        };
        let first = old.sign_receipt(unsigned).unwrap();
        assert_eq!(old.sign_receipt(first), Some(first));
        let second = new.sign_receipt(first).unwrap();
        assert_eq!(SignedReceipt { signature: first.signature, ..second }, first);
        let message =
            receipt_message(Hash::zero().as_ref(), second.request, second.settlement, &second.digest);
        let signed_by = |sealer: &Sealer| {
            let key = sr25519::Public::from_raw(sealer.account().into());
            sr25519::Pair::verify(&sr25519::Signature::from_raw(second.signature), &message, &key)
        };
        assert!(signed_by(&new) && !signed_by(&old));
        assert_eq!(new.sign_receipt(second), Some(second));
    }

    #[test]
    fn seal_should_verify_for_this_answer_only() {
        let sealer = Sealer::new(KeyPair::from_suri("//Gate", KeyType::Sr25519).unwrap(), Hash::zero(), 0);
        let asker = AccountId::new([1; 32]);
        let seal = sealer.seal("/fhir/Patient/r0-0", &asker, 200, b"{}", 5);
        let answer = Answer {
            genesis: Hash::zero(),
            member: 0,
            target: "/fhir/Patient/r0-0",
            asker: &asker,
            status: 200,
            body: b"{}",
            date: 5,
        };
        answer.verify(&sealer.account(), &seal.signature).unwrap();
        for other in [
            Answer { status: 404, ..answer },
            Answer { body: b"{ }", ..answer },
            Answer { member: 1, ..answer },
        ] {
            assert!(other.verify(&sealer.account(), &seal.signature).is_err());
        }
    }
}
