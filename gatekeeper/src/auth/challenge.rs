//! Sign-in texts: written here, signed by a wallet, redeemed once for a session.
//!
//! Nothing is kept of a text that is handed out: its nonce carries a keyed digest of all the rest, so that the gatekeeper
//! knows its own texts again. Asking for texts therefore fills nothing up, and nobody can push out another's. The key
//! lives as long as the process, and texts of an earlier run are refused; gatekeepers that share a store share a key in it, which goes
//! when a back-up is found to have been restored. A redeemed nonce is kept in the store.

use hmac::{Hmac, Mac};
use medrec_client::{
    messages::{Challenge, ChallengeRequest, SessionRequest},
    signature,
    signin::{chain_of, domain_of, Expected, SignIn},
};
use medrec_primitives::AccountId;
use rand::RngCore;
use sha2::Sha256;
use sp_core::crypto::Ss58Codec;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Asker, AuthError, Authenticator};

/// What the text says it is for.
fn statement(app: Option<&str>) -> String {
    let through = app.map(|id| format!(" through the app {id}")).unwrap_or_default();
    format!("Sign in to read medical records{through}. This signature moves no funds and permits nothing by itself.")
}

/// Recognises the gatekeeper's own texts.
#[derive(Clone)]
pub struct ChallengeKey(Zeroizing<[u8; 32]>);

impl ChallengeKey {
    /// A fresh key.
    pub fn generate() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rand::rngs::OsRng.fill_bytes(key.as_mut());
        Self(key)
    }

    /// 16 random bytes, and 16 of a digest over them and everything else in the text.
    fn nonce(&self, random: &[u8; 16], sign_in: &SignIn) -> String {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_ref()) else { return String::new() };
        mac.update(b"medrec/challenge/v1");
        mac.update(random);
        let text = SignIn { nonce: "00000000".into(), ..sign_in.clone() };
        mac.update(text.to_string().as_bytes());
        format!("{}{}", hex::encode(random), hex::encode(&mac.finalize().into_bytes()[..16]))
    }

    fn is_ours(&self, sign_in: &SignIn) -> bool {
        let mut random = [0; 16];
        let read = sign_in.nonce.get(..32).map(|digits| hex::decode_to_slice(digits, &mut random));
        if !matches!(read, Some(Ok(()))) {
            return false;
        }
        let expected = self.nonce(&random, sign_in);
        !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(sign_in.nonce.as_bytes()))
    }
}

impl Authenticator {
    /// The key of this process, or the one that those who share the store have.
    async fn challenges(&self) -> Result<ChallengeKey, AuthError> {
        let own = &self.challenges;
        if !self.store.is_shared() {
            return Ok(own.clone());
        }
        Ok(ChallengeKey(self.store.challenge_key(&own.0).await?))
    }

    /// A text for this account, purpose and patient, to open a session with.
    pub async fn challenge(&self, request: &ChallengeRequest) -> Result<Challenge, AuthError> {
        self.challenge_for(None, request).await
    }

    /// The same for a sign-in through an app, which the text names: neither text does for the other.
    pub async fn challenge_for(
        &self,
        app: Option<&str>,
        request: &ChallengeRequest,
    ) -> Result<Challenge, AuthError> {
        let account = AccountId::from_ss58check(&request.account)
            .map_err(|_| AuthError::Value("account: not an SS58 address"))?;
        let purpose = request
            .purpose
            .parse()
            .map_err(|_| AuthError::Value("purpose: not a code of HL7's PurposeOfUse, such as TREAT"))?;
        let patient = request.patient.as_deref().map(str::parse).transpose();
        let patient = patient.map_err(|_| AuthError::Value("patient: not a relationship, such as r0-3"))?;
        let now = self.time.now().wall;
        let mut sign_in = SignIn {
            domain: domain_of(&self.audience).unwrap_or_default().to_owned(),
            account,
            statement: statement(app),
            uri: self.audience.clone(),
            chain: chain_of(self.genesis),
            nonce: "00000000".into(),
            issued_at: now,
            expires_at: now.saturating_add(1000 * self.settings.challenge_s),
            purpose,
            patient,
        };
        if !sign_in.is_writable() {
            return Err(AuthError::Value(
                "the gatekeeper's public address cannot be written in a sign-in text",
            ));
        }
        let mut random = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut random);
        sign_in.nonce = self.challenges().await?.nonce(&random, &sign_in);
        Ok(Challenge { message: sign_in.to_string(), expires: sign_in.expires_at })
    }

    /// Checks a signed text and uses it up. What it says is then proven.
    pub(crate) async fn redeem(
        &self,
        app: Option<&str>,
        request: &SessionRequest,
    ) -> Result<Asker, AuthError> {
        let sign_in = SignIn::parse(&request.message)?;
        let domain = domain_of(&self.audience).unwrap_or_default();
        let now = self.time.now().wall;
        sign_in.check(&Expected { domain, uri: &self.audience, genesis: self.genesis, now })?;
        if !self.challenges().await?.is_ours(&sign_in) || sign_in.statement != statement(app) {
            return Err(AuthError::NotOurs);
        }
        signature::verify_hex(
            &sign_in.account,
            request.key_type,
            request.message.as_bytes(),
            &request.signature,
        )?;
        if !self.store.use_nonce(&sign_in.account, sign_in.nonce.as_bytes(), sign_in.expires_at).await? {
            return Err(AuthError::Replay);
        }
        Ok(Asker { account: sign_in.account, purpose: sign_in.purpose, patient: sign_in.patient, app: None })
    }
}
