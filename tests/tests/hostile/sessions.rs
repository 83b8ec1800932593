//! Sign-in texts and session tokens in the wrong hands, or altered.

use anyhow::{ensure, Context, Result};
use medrec_client::keys::{KeyPair, KeyType};
use medrec_tests::{
    practice::{ask::Ask, wall_clock, Practice},
    wire::{self, RawAnswer},
};
use serde_json::{json, Value};

use crate::judge::{case, Case, Judge};

/// The text to sign for these words.
async fn challenge(practice: &Practice, asked: Value) -> Result<String> {
    let answer = practice.post("/auth/challenge", &asked.to_string()).await?;
    ensure!(answer.status == 200, "challenge: {} {}", answer.status, answer.text());
    Ok(answer.json()?["message"].as_str().context("a message")?.to_owned())
}

fn for_treatment(key: &KeyPair) -> Value {
    json!({ "account": key.account().to_string(), "purpose": "TREAT" })
}

/// Answers a challenge.
async fn answer(practice: &Practice, message: &str, signature: &str) -> Result<RawAnswer> {
    practice.post("/auth/session", &json!({ "message": message, "signature": signature }).to_string()).await
}

/// Signs in as is right.
async fn token(practice: &Practice, key: &KeyPair, asked: Value) -> Result<String> {
    let message = challenge(practice, asked).await?;
    let session = answer(practice, &message, &key.sign(message.as_bytes()).to_hex()).await?;
    ensure!(session.status == 200, "session: {} {}", session.status, session.text());
    Ok(session.json()?["token"].as_str().context("a token")?.to_owned())
}

async fn with_token(practice: &Practice, token: &str, target: &str) -> Result<RawAnswer> {
    let address = practice.gatekeeper.address();
    let bearer = format!("Bearer {token}");
    wire::send(&address, &wire::request("GET", target, &address, &[("Authorization", &bearer)], b"")).await
}

/// A sign-in that is spoilt between challenge and answer; signed in as it should be before and after.
async fn spoilt(judge: &Judge<'_>, spoil: impl Fn(&KeyPair, String) -> (String, String)) -> Result<()> {
    let practice = judge.world.practice('a');
    let key = &judge.patient.key;
    token(practice, key, for_treatment(key)).await?;
    let message = challenge(practice, for_treatment(key)).await?;
    let (message, signature) = spoil(key, message);
    let refused = answer(practice, &message, &signature).await?;
    judge.is_client_error(&refused)?;
    token(practice, key, for_treatment(key)).await.map(drop)
}

/// The cases.
pub fn cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    // The text is changed and then signed: the wallet was shown something else than what was asked for.
    let text = move |name, change: fn(String) -> String| {
        case(
            name,
            spoilt(judge, move |key, message| {
                let changed = change(message.clone());
                assert_ne!(changed, message, "{name} changes something");
                let signature = key.sign(changed.as_bytes()).to_hex();
                (changed, signature)
            }),
        )
    };
    let signature = move |name, change: fn(&KeyPair, &str) -> String| {
        case(
            name,
            spoilt(judge, move |key, message| {
                let signature = change(key, &message);
                (message, signature)
            }),
        )
    };
    vec![
        text("sign-in text with another purpose", |text| text.replace("purpose:TREAT", "purpose:HRESCH")),
        text("sign-in text with a later end", |text| {
            text.replace("Expiration Time: 20", "Expiration Time: 21")
        }),
        text("sign-in text of yesterday", |text| text.replace("Issued At: 20", "Issued At: 19")),
        text("sign-in text for another host", |text| text.replace("127.0.0.1", "evil.example")),
        text("sign-in text for another chain", |text| {
            text.replace("Chain ID: polkadot:", "Chain ID: polkadot:00")
        }),
        text("sign-in text with a nonce of one's own", |text| text.replace("Nonce: ", "Nonce: 0000")),
        text("sign-in text with a line more", |text| text + "\n- urn:medrec:purpose:HRESCH"),
        text("sign-in text for another patient", |text| text + "\n- urn:medrec:patient:r0-0"),
        text("sign-in text with other ends of lines", |text| text.replace('\n', "\r\n")),
        signature("sign-in signed by nobody", |_, _| format!("0x{}", "00".repeat(64))),
        signature("sign-in signature that is no hexadecimal", |_, _| "not a signature".into()),
        signature("sign-in signature cut short", |key, text| {
            let signature = key.sign(text.as_bytes()).to_hex();
            signature[..signature.len() - 2].to_owned()
        }),
        signature("sign-in wrapped twice", |key, text| {
            key.sign_wrapped(format!("<Bytes>{text}</Bytes>").as_bytes()).to_hex()
        }),
        signature("sign-in signed by somebody else", |_, text| {
            let stranger = KeyPair::from_seed(&[3; 32], KeyType::Sr25519).unwrap();
            stranger.sign(text.as_bytes()).to_hex()
        }),
        case("sign-in for an account that is none", async move {
            let practice = world.practice('a');
            let key = &judge.patient.key;
            for account in ["", "5abc", "' OR 1=1 --", &key.account().to_string()[1..]] {
                let refused = practice
                    .post("/auth/challenge", &json!({ "account": account, "purpose": "TREAT" }).to_string())
                    .await?;
                judge.is_client_error(&refused)?;
            }
            let purpose = json!({ "account": key.account().to_string(), "purpose": "CURIOSITY" });
            judge.is_client_error(&practice.post("/auth/challenge", &purpose.to_string()).await?)?;
            challenge(practice, for_treatment(key)).await.map(drop)
        }),
        case("sign-in answered twice", async move {
            let practice = world.practice('a');
            let key = &judge.patient.key;
            let message = challenge(practice, for_treatment(key)).await?;
            let signature = key.sign_wrapped(message.as_bytes()).to_hex();
            ensure!(answer(practice, &message, &signature).await?.status == 200, "the first time counts");
            judge.is_client_error(&answer(practice, &message, &signature).await?)?;
            // Another signature under the same text is no other sign-in.
            let again = key.sign(message.as_bytes()).to_hex();
            judge.is_client_error(&answer(practice, &message, &again).await?)
        }),
        case("sign-in of one gatekeeper given to another", async move {
            let (one, other) = (world.practice('a'), world.practice('b'));
            let key = &judge.patient.key;
            let message = challenge(one, for_treatment(key)).await?;
            let signature = key.sign(message.as_bytes()).to_hex();
            judge.is_client_error(&answer(other, &message, &signature).await?)?;
            ensure!(answer(one, &message, &signature).await?.status == 200, "where it belongs it counts");
            Ok(())
        }),
        case("tokens that are none", async move {
            let practice = world.practice('a');
            let key = &judge.patient.key;
            let target = judge.observations(&judge.patient).target;
            let right = token(practice, key, for_treatment(key)).await?;
            ensure!(with_token(practice, &right, &target).await?.status == 200, "the control");
            let mut altered = right.clone();
            altered.replace_range(..1, if right.starts_with('A') { "B" } else { "A" });
            for wrong in ["", "null", "' OR '1'='1", &right[1..], &format!("{right}A"), &altered] {
                judge.is_refusal(&with_token(practice, wrong, &target).await?, 401)?;
            }
            // A token is one gatekeeper's.
            judge.is_refusal(&with_token(world.practice('b'), &right, &target).await?, 401)
        }),
        case("a session about one patient used for another", async move {
            let practice = world.practice('a');
            let (patient, ask) = judge.open_patient("reads two").await?;
            let other = world.admit_patient('a').await?;
            world.rule(&other, &medrec_tests::practice::rules::Rule::everything(&ask.key)).await?;
            let about_other = judge.observations(&other).by(&ask.key);
            judge.permits(&about_other).await?;
            let asked = json!({
                "account": ask.key.account().to_string(),
                "purpose": "TREAT",
                "patient": patient.relationship.to_string(),
            });
            let token = token(practice, &ask.key, asked).await?;
            ensure!(with_token(practice, &token, &ask.target).await?.status == 200, "the control");
            judge.is_the_refusal(&with_token(practice, &token, &about_other.target).await?)
        }),
        case("a token permits nothing by itself", async move {
            let practice = world.practice('a');
            let stranger = world.key("signs in and may nothing");
            let token = token(practice, &stranger, for_treatment(&stranger)).await?;
            let ask = judge.observations(&judge.patient);
            judge.permits(&ask).await?;
            judge.is_the_refusal(&with_token(practice, &token, &ask.target).await?)
        }),
        case("a session goes on after the grant has gone", async move {
            let practice = world.practice('a');
            let patient = world.admit_patient('a').await?;
            let viewer = world.key("outlived by a session");
            let grant =
                world.rule(&patient, &medrec_tests::practice::rules::Rule::everything(&viewer)).await?;
            let ask = judge.observations(&patient).by(&viewer);
            judge.permits(&ask).await?;
            let token = token(practice, &viewer, for_treatment(&viewer)).await?;
            ensure!(with_token(practice, &token, &ask.target).await?.status == 200, "the control");
            world.revoke(&patient, grant).await?;
            judge.comes_to_refuse(&ask).await?;
            judge.is_the_refusal(&with_token(practice, &token, &ask.target).await?)
        }),
        case("a text signed long before, by the signer's clock", async move {
            // Old and future clocks of the signer make no difference to a session: its text has the gatekeeper's times.
            let message = challenge(world.practice('a'), for_treatment(&judge.patient.key)).await?;
            let text = medrec_client::signin::SignIn::parse(&message)?;
            let now = wall_clock();
            ensure!(text.issued_at <= now + 1_000 && text.expires_at > now, "{message}");
            ensure!(text.account == judge.patient.key.account(), "{message}");
            Ok(())
        }),
        case("a purpose that a session was not opened for", async move {
            let practice = world.practice('a');
            let (_, ask) =
                judge.patient_granting("for research only", "patient/Observation.rs;purpose=TREAT").await?;
            let research = json!({ "account": ask.key.account().to_string(), "purpose": "HRESCH" });
            let token = token(practice, &ask.key, research).await?;
            judge.is_the_refusal(&with_token(practice, &token, &ask.target).await?)?;
            let Ask { target, .. } = &ask;
            // Saying so in the query changes nothing.
            let again = with_token(practice, &token, &format!("{target}&purpose=TREAT")).await?;
            judge.is_client_error(&again)
        }),
    ]
}
