//! Tickets that are used, unknown, somebody else's, or proven wrongly.

use anyhow::{ensure, Result};
use medrec_client::{
    enrol::{self, Ticket, TicketSecret},
    keys::KeyPair,
};
use medrec_tests::{
    practice::{people::Person, Practice, World},
    wire::RawAnswer,
};
use serde_json::json;
use sp_core::H256;

use crate::judge::{case, Case, Judge};

/// People at the end of the list, whom nobody else enrols.
fn person(practice: &Practice, place: usize) -> &Person {
    &practice.people[practice.people.len() - 1 - place]
}

async fn redeem_as(practice: &Practice, ticket: &str, account: &str, signature: &str) -> Result<RawAnswer> {
    practice
        .post("/enrol", &json!({ "ticket": ticket, "account": account, "signature": signature }).to_string())
        .await
}

/// A ticket shown with a proof that is not the right one; then with the right one.
async fn spoilt(
    world: &World,
    judge: &Judge<'_>,
    place: usize,
    proof: impl Fn(&KeyPair, &Ticket) -> (String, String),
) -> Result<()> {
    let practice = world.practice('a');
    let ticket = practice.gatekeeper.ticket(&person(practice, place).file_no)?;
    let key = world.key(&format!("enrols {place}"));
    let (account, signature) = proof(&key, &ticket);
    judge.is_client_error(&redeem_as(practice, &ticket.secret.expose_hex(), &account, &signature).await?)?;
    // A refused proof does not use the ticket up.
    let answer = practice.redeem(&ticket, &key).await?;
    ensure!(answer.status == 200, "the control: {} {}", answer.status, answer.text());
    judge.shows_nothing(&answer)
}

/// The cases.
pub fn cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    vec![
        case("a ticket used twice", async move {
            let practice = world.practice('a');
            let ticket = practice.gatekeeper.ticket(&person(practice, 0).file_no)?;
            let first = world.key("first with the ticket");
            let answer = practice.redeem(&ticket, &first).await?;
            ensure!(answer.status == 200, "the first time counts: {}", answer.text());
            judge.shows_nothing(&answer)?;
            judge.is_client_error(&practice.redeem(&ticket, &world.key("second with the ticket")).await?)?;
            // The first may ask again, if the answer was lost, and learns what it learned before.
            let again = practice.redeem(&ticket, &first).await?;
            ensure!(again.status != 200 || again.body == answer.body, "not twice: {}", again.text());
            Ok(())
        }),
        case("a ticket used by many at the same moment", async move {
            let practice = world.practice('a');
            let ticket = practice.gatekeeper.ticket(&person(practice, 1).file_no)?;
            let keys: Vec<_> = (0..6).map(|n| world.key(&format!("racer {n}"))).collect();
            let answers =
                futures::future::try_join_all(keys.iter().map(|key| practice.redeem(&ticket, key))).await?;
            let counted = answers.iter().filter(|answer| answer.status == 200).count();
            ensure!(counted == 1, "{counted} of 6 enrolled with one ticket");
            answers
                .iter()
                .filter(|answer| answer.status != 200)
                .try_for_each(|answer| judge.is_client_error(answer))
        }),
        case("a ticket that nobody issued", async move {
            let practice = world.practice('a');
            let ticket = practice.gatekeeper.ticket(&person(practice, 2).file_no)?;
            let guessed = Ticket { secret: TicketSecret::generate(), ..ticket.clone() };
            let key = world.key("guesses");
            let unknown = practice.redeem(&guessed, &key).await?;
            judge.is_client_error(&unknown)?;
            ensure!(practice.redeem(&ticket, &key).await?.status == 200, "the control");
            // Unknown and used are one and the same.
            let used = practice.redeem(&ticket, &world.key("guesses late")).await?;
            ensure!((used.status, &used.body) == (unknown.status, &unknown.body), "{used:?} and {unknown:?}");
            Ok(())
        }),
        case("a ticket of another practice", async move {
            let (one, other) = (world.practice('a'), world.practice('b'));
            let ticket = other.gatekeeper.ticket(&person(other, 0).file_no)?;
            let key = world.key("lost the way");
            judge.is_client_error(&one.redeem(&ticket, &key).await?)?;
            // Nor where only its secret is shown, with a proof for this practice.
            let moved = Ticket { member: one.member, ..ticket.clone() };
            judge.is_client_error(&one.redeem(&moved, &key).await?)?;
            ensure!(other.redeem(&ticket, &key).await?.status == 200, "the control");
            Ok(())
        }),
        case(
            "a ticket proven by somebody else's key",
            spoilt(world, judge, 3, |key, ticket| {
                let thief = world.key("steals a ticket");
                (key.account().to_string(), enrol::sign(&thief, ticket).to_hex())
            }),
        ),
        case(
            "a ticket proven for another chain",
            spoilt(world, judge, 4, |key, ticket| {
                let elsewhere = Ticket { genesis: H256::repeat_byte(7), ..ticket.clone() };
                (key.account().to_string(), enrol::sign(key, &elsewhere).to_hex())
            }),
        ),
        case(
            "a ticket proven for another practice",
            spoilt(world, judge, 5, |key, ticket| {
                let elsewhere = Ticket { member: ticket.member + 1, ..ticket.clone() };
                (key.account().to_string(), enrol::sign(key, &elsewhere).to_hex())
            }),
        ),
        case(
            "a ticket with an account that is none",
            spoilt(world, judge, 6, |key, ticket| {
                ("' OR 1=1 --".to_owned(), enrol::sign(key, ticket).to_hex())
            }),
        ),
        case(
            "a ticket with a signature that is none",
            spoilt(world, judge, 7, |key, _| (key.account().to_string(), "0x00".to_owned())),
        ),
        case("a key that has a relationship already", async move {
            let practice = world.practice('a');
            let patient = world.admit_patient('a').await?;
            let ticket = practice.gatekeeper.ticket(&person(practice, 8).file_no)?;
            judge.is_client_error(&practice.redeem(&ticket, &patient.key).await?)?;
            // The patient still reads their own records, and nobody else's.
            let answer = judge.permits(&judge.observations(&patient)).await?;
            ensure!(
                !answer.text().contains(&person(practice, 8).result("QX-SUGAR").name),
                "{}",
                answer.text()
            );
            Ok(())
        }),
        case("bodies that are no enrolment", async move {
            let practice = world.practice('a');
            let ticket = practice.gatekeeper.ticket(&person(practice, 9).file_no)?;
            let key = world.key("writes nonsense");
            let right = json!({
                "ticket": ticket.secret.expose_hex(),
                "account": key.account().to_string(),
                "signature": enrol::sign(&key, &ticket).to_hex(),
            });
            let with = |name: &str, value: serde_json::Value| {
                let mut body = right.clone();
                body[name] = value;
                body.to_string()
            };
            for body in [
                String::new(),
                "null".into(),
                "[]".into(),
                "{}".into(),
                "{\"ticket\":".into(),
                "\u{0}".into(),
                with("ticket", json!(null)),
                with("ticket", json!(7)),
                with("ticket", json!("' OR '1'='1")),
                with("ticket", json!(ticket.secret.expose_hex().to_uppercase() + "00")),
                with("record", json!(person(practice, 9).file_no)),
                with("relationship", json!("r0-0")),
            ] {
                judge.is_client_error(&practice.post("/enrol", &body).await?)?;
            }
            ensure!(practice.redeem(&ticket, &key).await?.status == 200, "the control");
            Ok(())
        }),
    ]
}
