//! What is hidden is absent: for searches, totals, orders, pages, includes, references and identifiers.

use std::collections::BTreeSet;

use anyhow::{ensure, Context, Result};
use medrec_tests::{
    practice::{
        ask::Ask,
        people::{ANCIENT, IRON, PULSE, SUGAR, VIRUS},
        rules::Rule,
        Patient,
    },
    wire::RawAnswer,
};
use serde_json::Value;

use crate::judge::{case, entries, Case, Judge};

/// Two laboratory results, of which code and value.
const TWO_VALUES: &str =
    "patient/Observation.rs?code=QX-IRON,QX-SUGAR&_elements=code,valueQuantity;purpose=TREAT";

/// Whether two searches tell the asker the same: status, entries in order, total.
fn same(one: &RawAnswer, other: &RawAnswer) -> Result<bool> {
    let told = |answer: &RawAnswer| -> Result<(u16, Value)> {
        let mut body = answer.json()?;
        // They name the search itself, and the moment.
        if let Some(body) = body.as_object_mut() {
            body.remove("link");
            body.remove("id");
            body.remove("meta");
            body.remove("timestamp");
        }
        Ok((answer.status, body))
    };
    Ok(told(one)? == told(other)?)
}

/// What an answer shows of a patient, beyond the two values granted and what the asker wrote.
fn too_much(judge: &Judge<'_>, patient: &Patient, ask: &Ask, answer: &RawAnswer) -> Vec<String> {
    let granted: BTreeSet<_> = [SUGAR, IRON]
        .into_iter()
        .flat_map(|code| {
            let result = patient.person.result(code);
            [result.code.to_owned(), result.name.clone(), result.value.clone(), result.unit.clone()]
        })
        .collect();
    let unasked = |leak: &&str| !granted.contains(*leak) && !ask.target.contains(leak);
    judge.leaks(answer).filter(unasked).map(str::to_owned).collect()
}

async fn shows_only_values(judge: &Judge<'_>, patient: &Patient, ask: &Ask) -> Result<RawAnswer> {
    let answer = ask.send(judge.world).await?;
    let more = too_much(judge, patient, ask, &answer);
    ensure!(more.is_empty(), "{} shows {more:?}: {}", ask.target, answer.text());
    ensure!(answer.status < 500, "{} {}", answer.status, answer.text());
    Ok(answer)
}

/// The cases.
pub fn cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    vec![
        case("search parameters on what is hidden", async move {
            let (patient, ask) = judge.patient_granting("searches", TWO_VALUES).await?;
            let all = ask.send(world).await?;
            ensure!(entries(&all)?.len() == 2, "the control shows both: {}", all.text());
            let own = entries(&judge.permits(&judge.observations(&patient)).await?)?;
            let id_of = |code: &str| -> String {
                let found = own.iter().find(|entry| entry["code"]["coding"][0]["code"] == code);
                found.and_then(|entry| entry["id"].as_str()).unwrap_or_default().to_owned()
            };
            let (pulse, absent) = (id_of(PULSE), format!("{}.{}", patient.relationship, "0".repeat(32)));
            let pulse_value = &patient.person.result(PULSE).value;
            let surname = &patient.person.surname;
            let [day, doctor, unit] = {
                let sugar = patient.person.result(SUGAR);
                [
                    sugar.taken_at[..10].to_owned(),
                    sugar.performer.clone(),
                    patient.person.result(PULSE).unit.clone(),
                ]
            };
            // What hits something hidden, and what hits nothing at all.
            for (hit, miss) in [
                (format!("date={day}"), "date=1990-01-01".to_owned()),
                (format!("date=ge{day}"), "date=ge2150-01-01".to_owned()),
                (format!("date:missing=false&date={day}"), "date:missing=false&date=1990-01-01".to_owned()),
                // The status is shown, as whatever changes the meaning of a value.
                ("status:not=final".into(), "status:not=cancelled".into()),
                ("category=laboratory".into(), "category=nothing".into()),
                ("category:not=laboratory".into(), "category:not=nothing".into()),
                (format!("code={PULSE}"), "code=QX-NOTHING".into()),
                (format!("code={SUGAR},{PULSE}"), format!("code={SUGAR},QX-NOTHING")),
                (format!("code={VIRUS}"), "code=QX-NOTHING".into()),
                (format!("_id={pulse}"), format!("_id={absent}")),
                (format!("value-quantity={pulse_value}"), "value-quantity=1.5".into()),
                (format!("value-quantity={pulse_value}||{unit}"), "value-quantity=1.5||mg".into()),
                (format!("performer={doctor}"), "performer=Nobody".into()),
                (format!("performer.name={doctor}"), "performer.name=Nobody".into()),
                (
                    format!("performer:missing=false&performer={doctor}"),
                    "performer:missing=false&performer=No".into(),
                ),
                (format!("patient.name={surname}"), "patient.name=Nobody".into()),
                (format!("subject:Patient.name={surname}"), "subject:Patient.name=Nobody".into()),
                (format!("patient.birthdate={}", patient.person.born), "patient.birthdate=1800-01-01".into()),
                (format!("_text={surname}"), "_text=Nobody".into()),
                (format!("_content={surname}"), "_content=Nobody".into()),
                (
                    format!("_filter=date eq {day}").replace(' ', "%20"),
                    "_filter=date%20eq%201990-01-01".into(),
                ),
                ("_security=HIV".into(), "_security=NOTHING".into()),
                ("_has:Provenance:target:agent=a".into(), "_has:Provenance:target:agent=b".into()),
                (
                    "_has:DiagnosticReport:result:code=QX-SUGAR".into(),
                    "_has:DiagnosticReport:result:code=no".into(),
                ),
                ("_lastUpdated=gt2020-01-01".into(), "_lastUpdated=gt2150-01-01".into()),
                ("_sort=date".into(), "_sort=-date".into()),
                ("_sort=date,code".into(), "_sort=-date,code".into()),
                ("combo-code=QX-PULSE".into(), "combo-code=QX-NOTHING".into()),
                ("component-code=QX-PULSE".into(), "component-code=QX-NOTHING".into()),
                ("note=Qremark".into(), "note=nothing".into()),
            ] {
                let hit = shows_only_values(judge, &patient, &ask.clone().and(&format!("&{hit}")))
                    .await
                    .context(hit)?;
                let miss = shows_only_values(judge, &patient, &ask.clone().and(&format!("&{miss}")))
                    .await
                    .context(miss)?;
                ensure!(same(&hit, &miss)?, "tell apart: {} and {}", hit.text(), miss.text());
            }
            // Searching by what is granted works, so the above is not for want of searching.
            let found = entries(&ask.clone().and(&format!("&code={SUGAR}")).send(world).await?)?;
            ensure!(found.len() == 1, "{found:?}");
            Ok(())
        }),
        case("includes, counts and formats that might show more", async move {
            let (patient, ask) = judge.patient_granting("includes", TWO_VALUES).await?;
            for more in [
                "_include=Observation:subject",
                "_include=Observation:patient",
                "_include=Observation:*",
                "_include=*",
                "_include:iterate=Observation:performer",
                "_revinclude=Provenance:target",
                "_revinclude=*",
                "_total=accurate",
                "_total=estimate",
                "_summary=count",
                "_summary=true",
                "_summary=data",
                "_summary=text",
                "_elements=effectiveDateTime,performer,note,subject,id,code",
                "_elements=*",
                "_contained=both",
                "_containedType=contained",
                "_format=xml",
                "_format=html",
                "_pretty=true",
                "_query=everything",
                "_type=Observation,Patient",
                "_list=$current-allergies",
                "_graph=full",
                "_graphql={Patient{name}}",
                "_offset=0",
                "_getpages=1",
                "_cursor=AAAA",
                "_page=2",
                "_count=0",
                "_count=-1",
                "_count=99999999999999999999",
                "_count=1000000",
            ] {
                let more = ask.clone().and(&format!("&{more}"));
                let answer = shows_only_values(judge, &patient, &more).await?;
                if answer.status == 200 {
                    let bundle = answer.json()?;
                    ensure!(
                        bundle["total"].as_u64().is_none_or(|total| total <= 2),
                        "{}: {bundle}",
                        more.target
                    );
                    for entry in entries(&answer)? {
                        let kind = &entry["resourceType"];
                        ensure!(
                            kind == "Observation" || kind == "OperationOutcome",
                            "{}: {entry}",
                            more.target
                        );
                    }
                }
            }
            judge.permits(&ask).await.map(drop)
        }),
        case("operations and addresses that might show more", async move {
            let (patient, ask) = judge.patient_granting("operates", TWO_VALUES).await?;
            let relationship = patient.relationship;
            let everything = format!("/fhir/Patient/{relationship}/$everything");
            shows_only_values(judge, &patient, &Ask { target: everything, ..ask.clone() }).await?;
            for target in [
                format!("/fhir/Patient/$everything?patient={relationship}"),
                format!("/fhir/Patient/{relationship}/Observation"),
                format!("/fhir/Observation/_history?patient={relationship}"),
                format!("/fhir/Observation/$lastn?patient={relationship}"),
                format!("/fhir/_history?patient={relationship}"),
                format!("/fhir?_type=Observation&patient={relationship}"),
                format!("/fhir/$graphql?query={{PatientList}}&patient={relationship}"),
                format!("/fhir/observation?patient={relationship}"),
                format!("/fhir/Observation/?patient={relationship}"),
                format!("/fhir//Observation?patient={relationship}"),
                format!("/fhir/./Observation?patient={relationship}"),
                format!("/fhir/Observation%20?patient={relationship}"),
                format!("/fhir/Observation%00?patient={relationship}"),
                format!("/fhir/*?patient={relationship}"),
                "/fhir/Observation".to_owned(),
                "/fhir/Observation?".to_owned(),
                "/fhir/Observation?patient=".to_owned(),
                "/fhir/Observation?code=QX-SUGAR".to_owned(),
                "/fhir/Patient".to_owned(),
                "/metrics".to_owned(),
                "/debug".to_owned(),
                "/.env".to_owned(),
            ] {
                let answer = Ask { target, ..ask.clone() }.send(world).await?;
                judge.is_client_error(&answer)?;
            }
            judge.permits(&ask).await.map(drop)
        }),
        case("two patients named in one search", async move {
            let (patient, ask) = judge.patient_granting("doubles", TWO_VALUES).await?;
            let victim = world.admit_patient('a').await?;
            judge.permits(&judge.observations(&victim)).await?;
            let (own, other) = (patient.relationship, victim.relationship);
            for query in [
                format!("patient={own}&patient={other}"),
                format!("patient={other}&patient={own}"),
                format!("patient={own},{other}"),
                format!("patient={own}&subject={other}"),
                format!("patient={own}&subject=Patient/{other}"),
                format!("patient={own}&patient:Patient={other}"),
                format!("patient={own}&patient:not={own}"),
                format!("patient={own}&_id={other}"),
                format!("patient:missing=false&patient={own}"),
                format!("patient={own}%26patient={other}"),
                format!("patient={own}%00{other}"),
                format!("patient={own}&PATIENT={other}"),
                format!("patient%00={other}&patient={own}"),
                format!("patient={own};patient={other}"),
            ] {
                let ask = Ask { target: format!("/fhir/Observation?{query}"), ..ask.clone() };
                let answer = ask.send(world).await?;
                ensure!(answer.status < 500, "{query}: {} {}", answer.status, answer.text());
                for canary in victim.person.canaries() {
                    let shared = [SUGAR, IRON].contains(&canary.as_str());
                    ensure!(shared || !answer.text().contains(&canary), "{query} shows {canary}");
                }
                let more = too_much(judge, &patient, &ask, &answer);
                ensure!(more.is_empty(), "{query} shows {more:?}");
            }
            // A record of the other by its id, through the one's permission.
            let id = entries(&judge.permits(&judge.observations(&victim)).await?)?[0]["id"].clone();
            let id = id.as_str().unwrap_or_default();
            judge.refuses(&Ask { target: format!("/fhir/Observation/{id}"), ..ask.clone() }).await?;
            let relabelled = id.replace(&other.to_string(), &own.to_string());
            let answer =
                Ask { target: format!("/fhir/Observation/{relabelled}"), ..ask.clone() }.send(world).await?;
            judge.is_refusal(&answer, 404)
        }),
        case("elements that were not granted", async move {
            let (patient, ask) = judge.patient_granting("elements", TWO_VALUES).await?;
            let answer = shows_only_values(judge, &patient, &ask).await?;
            let found = entries(&answer)?;
            ensure!(found.len() == 2, "{found:?}");
            for entry in &found {
                ensure!(
                    !entry["valueQuantity"]["value"].is_null() && !entry["code"]["coding"].is_null(),
                    "{entry}"
                );
                for hidden in ["effectiveDateTime", "performer", "note", "category", "text", "contained"] {
                    ensure!(entry[hidden].is_null(), "{hidden} of {entry}");
                }
                // Redaction shows itself.
                ensure!(entry["meta"]["security"].to_string().contains("REDACTED"), "{entry}");
                let id = entry["id"].as_str().unwrap_or_default();
                let read = Ask { target: format!("/fhir/Observation/{id}"), ..ask.clone() };
                ensure!(
                    shows_only_values(judge, &patient, &read).await?.json()? == *entry,
                    "read and search agree"
                );
            }
            // No validator of the whole record under the part.
            for header in ["etag", "last-modified", "content-location"] {
                ensure!(answer.header(header).is_none(), "{header}: {:?}", answer.headers);
            }
            ensure!(
                answer.header("cache-control").is_some_and(|value| value.contains("no-store")),
                "not to be kept"
            );
            Ok(())
        }),
        case("the patient's own record, of which one element is granted", async move {
            let terms = "patient/Patient.rs?_elements=gender;purpose=TREAT";
            let patient = world.admit_patient('a').await?;
            let viewer = world.key("wants to know the sex");
            world.rule(&patient, &Rule::allow(&viewer, terms)).await?;
            let relationship = patient.relationship;
            let read = Ask::get('a', &viewer, format!("/fhir/Patient/{relationship}"));
            let answer = read.until(world, 200).await?;
            ensure!(answer.json()?["gender"] == "female", "the control: {}", answer.text());
            judge.shows_nothing(&answer)?;
            let Patient { person, .. } = &patient;
            for (hit, miss) in [
                (format!("name={}", person.surname), "name=Nobody".to_owned()),
                (format!("family={}", person.surname), "family=Nobody".to_owned()),
                (format!("birthdate={}", person.born), "birthdate=1800-01-01".to_owned()),
                (format!("identifier={}", person.file_no), "identifier=nothing".to_owned()),
                ("name:missing=false&name=Q".into(), "name:missing=false&name=X".into()),
            ] {
                let search = |query: &str| {
                    Ask::search('a', &viewer, "Patient", relationship).and(&format!("&{query}"))
                };
                let (hit, miss) = (search(&hit), search(&miss));
                let (ask, hit, miss) = (hit.clone(), hit.send(world).await?, miss.send(world).await?);
                judge.shows_nothing_new(&ask, &hit)?;
                ensure!(same(&hit, &miss)?, "tell apart: {} and {}", hit.text(), miss.text());
            }
            // Without the relationship, no search finds anybody.
            for query in [format!("name={}", person.surname), format!("identifier={}", person.file_no)] {
                judge.is_client_error(
                    &Ask::get('a', &viewer, format!("/fhir/Patient?{query}")).send(world).await?,
                )?;
            }
            Ok(())
        }),
        case("a labelled record in a scope without the label", async move {
            let open = "patient/Observation.rs?category=laboratory;purpose=TREAT";
            let labelled = "patient/Observation.rs?category=laboratory&_security=HIV;purpose=TREAT";
            let (patient, ask) = judge.patient_granting("may not know", open).await?;
            let insider = world.key("may know");
            world.rule(&patient, &Rule::allow(&insider, labelled)).await?;
            let virus = patient.person.result(VIRUS);
            let knows = |answer: &RawAnswer| {
                virus.canaries().iter().any(|canary| answer.text().contains(canary.as_str()))
            };
            let by_insider = ask.clone().by(&insider);
            judge
                .until(&by_insider, "the labelled record is shown", |answer| {
                    answer.status == 200 && knows(answer)
                })
                .await?;
            ensure!(!knows(&ask.send(world).await?), "shown to who may not know");
            let by_code = ask.clone().and(&format!("&code={VIRUS}"));
            ensure!(entries(&by_code.send(world).await?)?.is_empty(), "found by who may not know");
            Ok(())
        }),
        case("a record outside the period", async move {
            let terms = "patient/Observation.rs?category=laboratory;purpose=TREAT;period=2020-01-01..";
            let (patient, ask) = judge.patient_granting("of late only", terms).await?;
            let ancient = patient.person.result(ANCIENT);
            let shown =
                |answer: &RawAnswer| ancient.canaries().iter().any(|c| answer.text().contains(c.as_str()));
            ensure!(shown(&judge.permits(&judge.observations(&patient)).await?), "the control");
            ensure!(!shown(&ask.send(world).await?), "shown outside the period");
            Ok(())
        }),
        case("a record withheld by the provider", async move {
            let (patient, ask) = judge.open_patient("reads all that is not withheld").await?;
            let notes = Ask::search('a', &patient.key, "DocumentReference", patient.relationship);
            let Patient { person, .. } = &patient;
            for ask in [&notes, &notes.clone().by(&ask.key)] {
                let answer = judge.permits(ask).await?;
                ensure!(answer.text().contains(&person.visit), "the control: {}", answer.text());
                ensure!(!answer.text().contains(&person.confided), "withheld and shown: {}", answer.text());
            }
            // The patient is told that something is withheld, and why; nobody else is.
            ensure!(judge.permits(&notes).await?.text().contains("164.524"), "the ground is given");
            let by_viewer = notes.by(&ask.key);
            ensure!(!judge.permits(&by_viewer).await?.text().contains("164.524"), "nobody else is told");
            Ok(())
        }),
        case("pages that were altered", async move {
            let (patient, ask) = judge.patient_granting("turns pages", TWO_VALUES).await?;
            let first = ask.clone().and("&_count=1").send(world).await?;
            ensure!(entries(&first)?.len() == 1, "{}", first.text());
            let bundle = first.json()?;
            ensure!(bundle["total"].as_u64().is_none_or(|total| total == 2), "{bundle}");
            let links = bundle["link"].as_array().cloned().unwrap_or_default();
            let next = links.iter().find(|link| link["relation"] == "next").context("a next page")?;
            let url = next["url"].as_str().unwrap_or_default();
            let base = world.practice('a').gatekeeper.url();
            let target = url.strip_prefix(&base).context("a link to this gatekeeper")?.to_owned();
            let page = Ask { target: target.clone(), ..ask.clone() };
            let second = shows_only_values(judge, &patient, &page).await?;
            ensure!(entries(&second)?.len() == 1 && second.body != first.body, "{}", second.text());
            // Each page is decided again: a stranger with the link gets nothing.
            judge.is_client_error(&page.clone().by(&world.key("found a link")).send(world).await?)?;
            // Whatever place a page is said to start at, what is hidden is not counted.
            for place in ["0", "1", "2", "3", "4", "9999999", "-1", "x"] {
                let altered = alter_numbers(&target, place);
                let answer =
                    shows_only_values(judge, &patient, &Ask { target: altered, ..ask.clone() }).await?;
                if answer.status == 200 {
                    ensure!(entries(&answer)?.len() <= 2, "{}", answer.text());
                }
            }
            Ok(())
        }),
        case("ids are pseudonyms", async move {
            let (one, other) = (world.admit_patient('a').await?, world.admit_patient('a').await?);
            let mut seen = BTreeSet::new();
            for patient in [&one, &other] {
                for entry in entries(&judge.permits(&judge.observations(patient)).await?)? {
                    let id = entry["id"].as_str().unwrap_or_default();
                    let prefix = format!("{}.", patient.relationship);
                    let pseudonym =
                        id.strip_prefix(&prefix).with_context(|| format!("{id} is not of {prefix}"))?;
                    ensure!(
                        pseudonym.len() == 32 && pseudonym.bytes().all(|b| b.is_ascii_hexdigit()),
                        "{id}"
                    );
                    ensure!(seen.insert(pseudonym.to_owned()), "{id} twice");
                    ensure!(
                        entry["subject"]["reference"] == format!("Patient/{}", patient.relationship),
                        "{entry}"
                    );
                }
            }
            Ok(())
        }),
    ]
}

/// The values of all parameters but the ones that say whose page of what it is, replaced.
fn alter_numbers(target: &str, value: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parameters: Vec<_> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if !["patient", "_count", "code"].contains(&name) => format!("{name}={value}"),
            _ => parameter.to_owned(),
        })
        .collect();
    format!("{path}?{}", parameters.join("&"))
}
