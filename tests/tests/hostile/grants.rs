//! What grants and denials do not permit.

use anyhow::{ensure, Result};
use medrec_client::chain::calls::relationships;
use medrec_policy::purpose::Purpose;
use medrec_primitives::{GrantTerms, RelationshipId};
use medrec_tests::practice::{
    ask::Ask,
    people::{IRON, SUGAR},
    rules::Rule,
    wall_clock,
};

use crate::judge::{case, entries, Case, Judge};

const MINUTES: u64 = 60_000;
const DAYS: u64 = 24 * 60 * MINUTES;

/// Laboratory results, for treatment.
const LABORATORY: &str = "patient/Observation.rs?category=laboratory;purpose=TREAT";

/// What is wrong with a single rule: made for one viewer as it must not be, for another as it should.
async fn rule_against_control(judge: &Judge<'_>, name: &str, wrong: Rule, right: Rule) -> Result<()> {
    let (one, other) =
        (judge.world.key(&format!("{name}, refused")), judge.world.key(&format!("{name}, permitted")));
    let for_key = |rule: Rule, key: &medrec_client::KeyPair| Rule {
        viewer: medrec_primitives::Viewer::Key(key.account()),
        ..rule
    };
    let patient = judge.world.admit_patient('a').await?;
    judge.world.rule(&patient, &for_key(wrong, &one)).await?;
    // The control is made last: whoever sees it has seen the other, too.
    judge.world.rule(&patient, &for_key(right, &other)).await?;
    let ask = judge.observations(&patient);
    judge.permits(&ask.clone().by(&other)).await?;
    judge.refuses(&ask.by(&one)).await
}

/// The cases.
pub fn cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    let nobody = world.key("nobody");
    let any = move || Rule::everything(&nobody);
    let terms = {
        let any = any.clone();
        move |words: &str| Rule { terms: Some(words.to_owned()), ..any() }
    };
    let pair = |name: &'static str, wrong: Rule, right: Rule| {
        case(name, rule_against_control(judge, name, wrong, right))
    };
    let now = wall_clock();
    vec![
        case("no grant", async move {
            let (_, ask) = judge.open_patient("no grant, permitted").await?;
            judge.refuses(&ask.by(&world.key("no grant, refused"))).await
        }),
        pair("not yet", any().not_before(now + DAYS), any().not_before(now - 3 * DAYS)),
        // By the chain's clock, hours behind in development, it still runs: the later clock counts.
        pair("expired", any().not_after(now - 10 * MINUTES), any().not_after(now + DAYS)),
        pair(
            "not yet, sealed",
            terms(LABORATORY).not_before(now + DAYS),
            terms(LABORATORY).not_before(now - DAYS),
        ),
        pair(
            "expired, sealed",
            terms(LABORATORY).not_after(now - 10 * MINUTES),
            terms(LABORATORY).not_after(now + DAYS),
        ),
        pair("another purpose", terms("patient/Observation.rs;purpose=HRESCH"), terms(LABORATORY)),
        pair("no purpose at all in an allowing term", terms("patient/Observation.rs"), terms(LABORATORY)),
        pair("read granted, search asked", terms("patient/Observation.r;purpose=TREAT"), terms(LABORATORY)),
        pair("another resource type", terms("patient/MedicationRequest.rs;purpose=TREAT"), terms(LABORATORY)),
        pair(
            "terms for the staff of somebody else",
            terms("patient/Observation.rs;purpose=TREAT;staff=s0-0"),
            terms(LABORATORY),
        ),
        case("purpose of a session changed within one grant", async move {
            let (_, ask) = judge.patient_granting("one purpose", LABORATORY).await?;
            judge.refuses(&ask.clone().purpose(Purpose::Research)).await?;
            judge.refuses(&ask.purpose(Purpose::PatientRequest)).await
        }),
        case("search granted, read asked", async move {
            let (patient, ask) =
                judge.patient_granting("only search", "patient/Observation.s;purpose=TREAT").await?;
            let id = first_id(&judge.permits(&ask).await?)?;
            let read = Ask::get('a', &ask.key, format!("/fhir/Observation/{id}"));
            judge.permits(&read.clone().by(&patient.key)).await?;
            judge.refuses(&read).await
        }),
        case("wider than the scope: another type", async move {
            let (patient, ask) = judge.patient_granting("narrow", LABORATORY).await?;
            for resource_type in ["MedicationRequest", "Patient", "DocumentReference", "AuditEvent"] {
                judge.refuses(&Ask::search('a', &ask.key, resource_type, patient.relationship)).await?;
            }
            judge.refuses(&Ask::get('a', &ask.key, format!("/fhir/Patient/{}", patient.relationship))).await
        }),
        case("wider than the scope: another record", async move {
            let terms = format!("patient/Observation.rs?code={SUGAR};purpose=TREAT");
            let (patient, ask) = judge.patient_granting("one code", &terms).await?;
            let all = entries(&judge.permits(&ask.clone().by(&patient.key)).await?)?;
            let id_of =
                |code: &str| all.iter().find(|entry| entry["code"]["coding"][0]["code"] == code).map(id);
            let read = |id: String| Ask::get('a', &ask.key, format!("/fhir/Observation/{id}"));
            judge.permits(&read(id_of(SUGAR).unwrap())).await?;
            // What is hidden and what is not there are one and the same.
            let hidden = read(id_of(IRON).unwrap()).send(world).await?;
            let absent = read(format!("{}.{}", patient.relationship, "0".repeat(32))).send(world).await?;
            judge.is_refusal(&hidden, 404)?;
            judge.is_refusal(&absent, 404)?;
            ensure!(hidden.body == absent.body, "{} and {}", hidden.text(), absent.text());
            ensure!(entries(&ask.send(world).await?)?.len() == 1, "a search shows the one record");
            Ok(())
        }),
        case("emergency claimed without a broken glass", async move {
            let (patient, ask) = judge.open_patient("claims an emergency").await?;
            judge.refuses(&ask.purpose(Purpose::EmergencyTreatment)).await?;
            judge.refuses(&judge.observations(&patient).purpose(Purpose::EmergencyTreatment)).await
        }),
        case("a denial of everything beside an allow of everything", async move {
            let (patient, ask) = judge.open_patient("denied").await?;
            world.rule(&patient, &Rule::deny_everything(&ask.key)).await?;
            judge.comes_to_refuse(&ask).await
        }),
        case("a sealed denial beside an allow of everything", async move {
            let (patient, ask) = judge.open_patient("denied by sealed terms").await?;
            world.rule(&patient, &Rule::deny(&ask.key, "patient/Observation.rs")).await?;
            judge.comes_to_refuse(&ask).await?;
            // It denies what it says, and no more.
            judge
                .permits(&Ask::search('a', &ask.key, "MedicationRequest", patient.relationship))
                .await
                .map(drop)
        }),
        case("a denial that cannot be opened", async move {
            let (patient, ask) = judge.open_patient("denied by who knows what").await?;
            let rule = Rule::deny(&ask.key, "patient/MedicationRequest.rs");
            let mut sealed = rule.seal(world, &patient)?;
            sealed.ciphertext[0] ^= 1;
            world.rule_with(&patient, &rule, &GrantTerms::Sealed(sealed)).await?;
            judge.comes_to_refuse(&ask).await
        }),
        case(
            "terms that cannot be opened",
            spoilt_terms(judge, "unopenable", |sealed| sealed.ciphertext[9] ^= 1),
        ),
        case(
            "terms with another commitment",
            spoilt_terms(judge, "commitment", |sealed| sealed.commitment[0] ^= 1),
        ),
        case("terms sealed to a key that the provider does not have", async move {
            let patient = world.admit_patient('a').await?;
            let (one, other) = (world.key("foreign seal"), world.key("own seal"));
            let rule = Rule::allow(&one, LABORATORY);
            let terms = LABORATORY.parse().unwrap();
            let foreign = world.practice('b').gatekeeper.public.sealing;
            let sealed =
                medrec_client::sealing::seal_terms(&terms, &foreign, 0, &rule.context(world, &patient))?;
            world.rule_with(&patient, &rule, &GrantTerms::Sealed(sealed)).await?;
            world.rule(&patient, &Rule::allow(&other, LABORATORY)).await?;
            judge.permits(&judge.observations(&patient).by(&other)).await?;
            judge.refuses(&judge.observations(&patient).by(&one)).await
        }),
        case("terms copied from another relationship", async move {
            let (giver, ask) = judge.patient_granting("copied terms", LABORATORY).await?;
            let taker = world.admit_patient('a').await?;
            let rule = Rule::allow(&ask.key, LABORATORY);
            let sealed = rule.seal(world, &giver)?;
            world.rule_with(&taker, &rule, &GrantTerms::Sealed(sealed)).await?;
            let control = world.key("copied terms, control");
            world.rule(&taker, &Rule::allow(&control, LABORATORY)).await?;
            judge.permits(&judge.observations(&taker).by(&control)).await?;
            judge.refuses(&judge.observations(&taker).by(&ask.key)).await
        }),
        case("terms with a later end than they were sealed with", async move {
            let patient = world.admit_patient('a').await?;
            let (one, other) = (world.key("longer"), world.key("as sealed"));
            let sealed_until = Rule::allow(&one, LABORATORY).not_after(now + DAYS);
            let sealed = sealed_until.seal(world, &patient)?;
            let longer = sealed_until.not_after(now + 300 * DAYS);
            world.rule_with(&patient, &longer, &GrantTerms::Sealed(sealed)).await?;
            world.rule(&patient, &Rule::allow(&other, LABORATORY).not_after(now + DAYS)).await?;
            judge.permits(&judge.observations(&patient).by(&other)).await?;
            judge.refuses(&judge.observations(&patient).by(&one)).await
        }),
        case("revoked", async move {
            let patient = world.admit_patient('a').await?;
            let viewer = world.key("revoked");
            let grant = world.rule(&patient, &Rule::everything(&viewer)).await?;
            let ask = judge.observations(&patient).by(&viewer);
            judge.permits(&ask).await?;
            world.revoke(&patient, grant).await?;
            judge.comes_to_refuse(&ask).await
        }),
        case("the key of another patient", async move {
            let (_, ask) = judge.open_patient("reads one patient").await?;
            let other = world.admit_patient('a').await?;
            judge.permits(&judge.observations(&other)).await?;
            judge.refuses(&ask.clone().by(&other.key)).await?;
            judge.refuses(&judge.observations(&other).by(&ask.key)).await
        }),
        case("unknown patients", async move {
            let (_, ask) = judge.open_patient("reads nobody else").await?;
            let members = [world.practice('a').member, world.practice('b').member, 4_000_000_000];
            for relationship in members.map(|member| RelationshipId::new(member, 999_999)) {
                judge.refuses(&Ask::search('a', &ask.key, "Observation", relationship)).await?;
                judge.refuses(&Ask::get('a', &ask.key, format!("/fhir/Patient/{relationship}"))).await?;
                let id = format!("{relationship}.{}", "a".repeat(32));
                judge.refuses(&Ask::get('a', &ask.key, format!("/fhir/Observation/{id}"))).await?;
            }
            Ok(())
        }),
        case("a patient of another practice", async move {
            let patient = world.admit_patient('b').await?;
            let there = Ask::search('b', &patient.key, "Observation", patient.relationship);
            judge.permits(&there).await?;
            judge.refuses(&there.at('a')).await
        }),
        case("a relationship proposed and not accepted", async move {
            let patient = world.enrol('a').await?;
            judge.refuses(&judge.observations(&patient)).await?;
            world.submit(&relationships::accept(patient.relationship), &patient.key).await?;
            judge.permits(&judge.observations(&patient)).await.map(drop)
        }),
        case("a relationship rejected", async move {
            let patient = world.enrol('a').await?;
            world.submit(&relationships::reject(patient.relationship), &patient.key).await?;
            // Seen to be past the rejection by somebody else's grant.
            judge.open_patient("after the rejection").await?;
            judge.refuses(&judge.observations(&patient)).await
        }),
        case("a relationship ended", async move {
            let (patient, ask) = judge.open_patient("reads until the end").await?;
            judge.permits(&judge.observations(&patient)).await?;
            world.submit(&relationships::end(patient.relationship), &patient.key).await?;
            judge.comes_to_refuse(&ask).await?;
            judge.refuses(&judge.observations(&patient)).await
        }),
        case("writing, by whoever may read", async move {
            let (patient, ask) = judge.open_patient("writes").await?;
            let id = first_id(&ask.send(world).await?)?;
            let body = (*b"{\"resourceType\":\"Observation\"}").to_vec();
            for (method, target) in [
                ("POST", "/fhir/Observation".to_owned()),
                ("PUT", format!("/fhir/Observation/{id}")),
                ("PATCH", format!("/fhir/Observation/{id}")),
                ("DELETE", format!("/fhir/Observation/{id}")),
                ("DELETE", format!("/fhir/Observation?patient={}", patient.relationship)),
            ] {
                let body = (method != "DELETE").then(|| ("application/fhir+json", body.clone()));
                let write = Ask { method, target, body, ..ask.clone() };
                judge.is_client_error(&write.send(world).await?)?;
            }
            judge.permits(&ask).await.map(drop)
        }),
        case("somebody's log, by a viewer", async move {
            let (patient, ask) = judge.open_patient("curious").await?;
            let log = Ask::get('a', &patient.key, format!("/log?patient={}", patient.relationship));
            let own = log.until(world, 200).await?;
            ensure!(
                own.text().contains(&ask.key.account().to_string()),
                "the patient sees who read: {}",
                own.text()
            );
            judge.is_refusal(&log.by(&ask.key).send(world).await?, 403)?;
            let events = Ask::search('a', &ask.key, "AuditEvent", patient.relationship);
            judge.refuses(&events).await
        }),
    ]
}

async fn spoilt_terms(
    judge: &Judge<'_>,
    name: &str,
    spoil: impl Fn(&mut medrec_primitives::SealedTerms),
) -> Result<()> {
    let world = judge.world;
    let patient = world.admit_patient('a').await?;
    let (one, other) = (world.key(&format!("{name}, spoilt")), world.key(&format!("{name}, whole")));
    let rule = Rule::allow(&one, LABORATORY);
    let mut sealed = rule.seal(world, &patient)?;
    spoil(&mut sealed);
    world.rule_with(&patient, &rule, &GrantTerms::Sealed(sealed)).await?;
    world.rule(&patient, &Rule::allow(&other, LABORATORY)).await?;
    judge.permits(&judge.observations(&patient).by(&other)).await?;
    judge.refuses(&judge.observations(&patient).by(&one)).await
}

fn id(resource: &serde_json::Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

fn first_id(answer: &medrec_tests::wire::RawAnswer) -> Result<String> {
    Ok(id(entries(answer)?.first().unwrap()))
}
