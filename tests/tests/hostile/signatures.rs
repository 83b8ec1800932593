//! Single signed requests that are not what was signed, or were signed by somebody, some time, for something else.

use anyhow::{ensure, Result};
use medrec_client::{keys::KeyType, request::Authorization};
use medrec_policy::purpose::Purpose;
use medrec_tests::practice::{
    ask::{Ask, Circumstances, Signed},
    wall_clock,
};
use sp_core::H256;

use crate::judge::{case, Case, Judge};

/// One thing wrong with a request of somebody who may ask it.
///
/// The control is sent on both sides of it: before, so that the request is permitted at all; and after, so that it is not the spoilt one that used something up.
async fn spoilt(
    judge: &Judge<'_>,
    spoil: impl Fn(&Ask) -> (Signed, Authorization),
    change: impl Fn(Signed, Authorization) -> Signed,
) -> Result<()> {
    let ask = judge.observations(&judge.patient);
    judge.permits(&ask).await?;
    let (signed, authorization) = spoil(&ask);
    let answer = change(signed, authorization).send().await?;
    judge.is_refusal(&answer, 401)?;
    ensure!(
        answer.header("www-authenticate").is_some(),
        "401 says how to authenticate: {:?}",
        answer.headers
    );
    judge.permits(&ask).await.map(drop)
}

/// The cases.
pub fn cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    let right = move |ask: &Ask| ask.sign(world);
    // Changed after signing.
    let altered =
        move |name, change: fn(Signed, Authorization) -> Signed| case(name, spoilt(judge, right, change));
    // Another header than the one that was signed.
    let header = move |name, change: fn(Authorization) -> String| {
        case(
            name,
            spoilt(judge, right, move |signed, authorization| {
                signed.with_header("Authorization", change(authorization))
            }),
        )
    };
    // Signed under circumstances that are not those it is sent in.
    let circumstances = move |name, change: fn(&mut Circumstances)| {
        let spoil = move |ask: &Ask| {
            let mut circumstances = ask.circumstances(world);
            change(&mut circumstances);
            ask.sign_under(world, &circumstances)
        };
        case(name, spoilt(judge, spoil, |signed, _| signed))
    };
    vec![
        altered("no signature at all", |signed, _| signed.without_header("Authorization")),
        altered("a signature that nobody understands", |signed, _| {
            signed.with_header("Authorization", "Basic cGF0aWVudA==")
        }),
        altered("query altered", |mut signed, _| {
            signed.target.push_str("&_count=5");
            signed
        }),
        altered("path altered", |mut signed, _| {
            signed.target = signed.target.replace("Observation", "MedicationRequest");
            signed
        }),
        altered("patient altered", |mut signed, _| {
            signed.target = signed.target.replace("patient=r", "patient=r1");
            signed
        }),
        altered("query spelt in another way", |mut signed, _| {
            signed.target = signed.target.replace("patient=", "%70atient=");
            signed
        }),
        altered("method altered", |mut signed, _| {
            signed.method = "HEAD".into();
            signed
        }),
        altered("two signatures", |mut signed, authorization| {
            signed.headers.push(("Authorization".into(), authorization.to_string()));
            signed
        }),
        header("malformed signature: not hexadecimal", |authorization| {
            authorization.to_string().replace("signature=\"0x", "signature=\"0xzz")
        }),
        header("malformed signature: too short", |mut authorization| {
            authorization.signature.truncate(63);
            authorization.to_string()
        }),
        header("malformed signature: nothing", |mut authorization| {
            authorization.signature.clear();
            authorization.to_string()
        }),
        header("malformed signature: zeros", |mut authorization| {
            authorization.signature.fill(0);
            authorization.to_string()
        }),
        header("malformed signature: a bit flipped", |mut authorization| {
            authorization.signature[40] ^= 4;
            authorization.to_string()
        }),
        header("wrong key type named", |mut authorization| {
            authorization.key_type = KeyType::Ed25519;
            authorization.to_string()
        }),
        header("key type of another length named", |mut authorization| {
            authorization.key_type = KeyType::Ecdsa;
            authorization.to_string()
        }),
        header("key type unknown", |authorization| authorization.to_string().replace("sr25519", "rsa")),
        header("purpose altered", |mut authorization| {
            authorization.purpose = Purpose::Research;
            authorization.to_string()
        }),
        header("purpose unknown", |authorization| authorization.to_string().replace("TREAT", "CURIOSITY")),
        header("nonce altered", |mut authorization| {
            authorization.nonce[0] ^= 1;
            authorization.to_string()
        }),
        header("nonce malformed", |authorization| {
            authorization.to_string().replace("nonce=\"", "nonce=\"zz")
        }),
        header("end altered", |mut authorization| {
            authorization.expires += 1;
            authorization.to_string()
        }),
        header("end missing", |authorization| {
            let text = authorization.to_string();
            let (before, after) = text.split_once(",expires").unwrap();
            format!("{before},{}", after.split_once(',').unwrap().1)
        }),
        header("header in another spelling", |authorization| {
            authorization.to_string().replace(",type", ", type")
        }),
        circumstances("other audience", |circumstances| circumstances.audience = "http://127.0.0.1:1".into()),
        circumstances("another chain", |circumstances| circumstances.genesis = H256::repeat_byte(7)),
        circumstances("old clock: signed for a time that is over", |circumstances| {
            circumstances.expires = wall_clock() - 1_000;
        }),
        circumstances("old clock: signed an hour ago", |circumstances| {
            circumstances.expires = wall_clock() - 3_600_000;
        }),
        circumstances("future clock: signed for a day", |circumstances| {
            circumstances.expires = wall_clock() + 86_400_000;
        }),
        circumstances("future clock: signed for ever", |circumstances| circumstances.expires = u64::MAX),
        case("signed by somebody else", {
            let stranger = world.key("forger");
            spoilt(
                judge,
                move |ask| {
                    let circumstances = ask.circumstances(world);
                    let (signed, mut forged) = ask.clone().by(&stranger).sign_under(world, &circumstances);
                    forged.account = ask.key.account();
                    (signed, forged)
                },
                |signed, forged| signed.with_header("Authorization", forged.to_string()),
            )
        }),
        case("replay", async move {
            let ask = judge.observations(&judge.patient);
            let (signed, _) = ask.sign(world);
            ensure!(signed.send().await?.status == 200, "the first time counts");
            judge.is_refusal(&signed.send().await?, 401)?;
            judge.permits(&ask).await.map(drop)
        }),
        case("replay of many at the same moment", async move {
            let (signed, _) = judge.observations(&judge.patient).sign(world);
            let answers = futures::future::try_join_all((0..20).map(|_| signed.send())).await?;
            let counted = answers.iter().filter(|answer| answer.status == 200).count();
            ensure!(counted == 1, "{counted} of 20 counted");
            answers
                .iter()
                .filter(|answer| answer.status != 200)
                .try_for_each(|answer| judge.is_refusal(answer, 401))
        }),
        case("a nonce of one's own used again for something else", async move {
            let ask = judge.observations(&judge.patient);
            let circumstances = ask.circumstances(world);
            let (first, _) = ask.sign_under(world, &circumstances);
            ensure!(first.send().await?.status == 200, "the first time counts");
            let (second, _) = ask.clone().and("&_count=1").sign_under(world, &circumstances);
            judge.is_refusal(&second.send().await?, 401)?;
            judge.permits(&ask.and("&_count=1")).await.map(drop)
        }),
        case("a request for one gatekeeper sent to another", async move {
            let ask = judge.observations(&judge.patient);
            let (mut signed, _) = ask.sign(world);
            let right_address =
                std::mem::replace(&mut signed.address, world.practice('b').gatekeeper.address());
            judge.is_refusal(&signed.send().await?, 401)?;
            // It was not used up there.
            signed.address = right_address;
            ensure!(signed.send().await?.status == 200, "where it belongs it counts");
            Ok(())
        }),
        case("body altered", async move {
            let patient = &judge.patient;
            let form = format!("patient={}&code=nothing", patient.relationship);
            let ask = Ask {
                method: "POST",
                target: "/fhir/Observation/_search".into(),
                body: Some(("application/x-www-form-urlencoded", form.into_bytes())),
                ..judge.observations(patient)
            };
            let control = ask.send(world).await?;
            ensure!(control.status == 200, "the control: {} {}", control.status, control.text());
            let (mut signed, _) = ask.sign(world);
            signed.body = format!("patient={}", patient.relationship).into_bytes();
            judge.is_refusal(&signed.send().await?, 401)
        }),
        case("body added", async move {
            let (mut signed, _) = judge.observations(&judge.patient).sign(world);
            signed.body = b"patient=r0-0".to_vec();
            judge.is_client_error(&signed.send().await?)
        }),
        case("answer to somebody else's question", async move {
            // What the gatekeeper signs names who asked and what: it convinces nobody of anything else.
            let ask = judge.observations(&judge.patient);
            let answer = judge.permits(&ask).await?;
            let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
            let practice = world.practice('a');
            let signature = medrec_client::answer::AnswerSignature::parse(&header("medrec-signature"))?;
            let (asker, stranger) = (ask.key.account(), world.key("not the asker").account());
            let right = medrec_client::answer::Answer {
                genesis: world.chain.genesis(),
                member: practice.member,
                target: &ask.target,
                asker: &asker,
                status: 200,
                body: &answer.body,
                date: header("medrec-date").parse()?,
            };
            let key = &practice.gatekeeper.public.account;
            right.verify(key, &signature)?;
            for wrong in [
                medrec_client::answer::Answer { asker: &stranger, ..right },
                medrec_client::answer::Answer { target: "/fhir/Observation?patient=r0-9999", ..right },
                medrec_client::answer::Answer { body: b"{}", ..right },
                medrec_client::answer::Answer { status: 403, ..right },
                medrec_client::answer::Answer { date: right.date + 1, ..right },
                medrec_client::answer::Answer { member: right.member + 1, ..right },
                medrec_client::answer::Answer { genesis: H256::repeat_byte(7), ..right },
            ] {
                ensure!(wrong.verify(key, &signature).is_err(), "the signature covers {wrong:?}");
            }
            Ok(())
        }),
    ]
}
