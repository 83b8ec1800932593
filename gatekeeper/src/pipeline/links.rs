//! What holders of share links are shown, and who may make links.

use medrec_client::share_link;
use medrec_policy::{Action, Capacity};
use medrec_primitives::{AccountId, RelationshipId};
use sp_core::crypto::Ss58Codec;

use super::{Answer, Ask, Gatekeeper, Interface};
use crate::{
    auth::Asker,
    decide::Unavailable,
    fhir::{everything::EverythingQuery, Pages},
    links::Held,
    log::{Entry, LogError},
    store::StoreError,
};

/// As what links stand in the log.
const LOGGED_AS: &str = "Consent";

/// Why a link's file cannot be made though its holder may have it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The store holds something that makes no sense.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be encrypted.
    #[error(transparent)]
    Seal(#[from] share_link::LinkError),
}

/// What came of opening a link.
pub enum Opened {
    /// The file, a JWE.
    File(String),
    /// The chain permits its account nothing, or not any more.
    Nothing,
    /// Not now: the status, and when to try again (s).
    Later(u16, Option<u64>),
}

impl Gatekeeper {
    /// As what the asker belongs to the patient's side of a relationship: who may make links, see and end them.
    pub async fn on_the_patients_side(
        &self,
        asker: &Asker,
        relationship: RelationshipId,
    ) -> Result<Option<Capacity>, Unavailable> {
        if asker.app.is_some() || asker.patient.is_some_and(|patient| patient != relationship) {
            return Ok(None);
        }
        let actions = [(Action::Read, "Patient")];
        let capacity = self.decider.decide_any(relationship, &asker.account, asker.purpose, &actions).await?;
        Ok(capacity.filter(|capacity| matches!(capacity, Capacity::Patient | Capacity::Custodian)))
    }

    /// Puts on the log that a link was made (`create`) or ended (`update`): a patient sees what a custodian does, and the other way round.
    pub async fn log_link(
        &self,
        asker: &Asker,
        relationship: RelationshipId,
        capacity: Capacity,
        action: &str,
        link: &AccountId,
    ) -> Result<(), LogError> {
        let capacity = format!("{capacity:?}").to_lowercase();
        let what = (action, LOGGED_AS);
        let entry = Entry {
            id: Some(link.to_ss58check()),
            ..self.permitted_entry(asker, relationship.to_string(), &capacity, what, &Interface::Fhir)
        };
        self.log.append(&entry).await
    }

    /// Everything that a link's account is permitted, decided anew and logged, encrypted for who holds the link.
    pub async fn open_link(&self, held: &Held, recipient: &str, target: &str) -> Result<Opened, FileError> {
        let corrupt = || StoreError::Corrupt("share_links");
        let relationship: RelationshipId = held.stored.relationship.parse().map_err(|_| corrupt())?;
        let asker = Asker {
            account: held.stored.account.clone(),
            purpose: held.stored.purpose.parse().map_err(|_| corrupt())?,
            patient: Some(relationship),
            app: None,
        };
        let account: &[u8] = asker.account.as_ref();
        let query = EverythingQuery::whole(Pages::of(&self.links, account));
        let ask = Ask::Everything { relationship, query: Box::new(query), database_only: false };
        let interface = Interface::ShareLink(recipient.to_owned());
        let Answer { status, body, retry_after, .. } = self.answer(&asker, &ask, target, interface).await;
        match status {
            200 => Ok(Opened::File(share_link::seal(&held.key, body.as_bytes())?)),
            401..=404 => Ok(Opened::Nothing),
            _ => Ok(Opened::Later(status, retry_after)),
        }
    }
}
