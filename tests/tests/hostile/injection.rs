//! SQL, and other people's languages, in every parameter.

use anyhow::{ensure, Result};
use medrec_tests::practice::ask::Ask;
use serde_json::json;

use crate::judge::{case, entries, Case, Judge};

/// What could become more than a value.
const PAYLOADS: [&str; 16] = [
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE person; --",
    "' UNION ALL SELECT surname, forename, born FROM person --",
    "\" OR \"\"=\"",
    "1; ATTACH DATABASE '/tmp/x' AS x",
    "%",
    "_",
    "*",
    "\\",
    "\u{0}",
    "r0-0' AND (CASE WHEN 1=1 THEN 1 ELSE load_extension('x') END) --",
    "../../../../etc/passwd",
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}",
    "<script>alert(1)</script>\r\nSet-Cookie: a=b",
];

/// Every byte that is not a letter or digit as `%xx`.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02x}")
                }
            },
        )
        .collect()
}

/// One payload after the other in one place; the control shows that the place is looked at.
async fn everywhere(judge: &Judge<'_>, place: impl Fn(&Ask, &str) -> Ask) -> Result<()> {
    let control = judge.observations(&judge.patient);
    judge.permits(&control).await?;
    for payload in PAYLOADS {
        let ask = place(&control, &encoded(payload));
        let answer = ask.send(judge.world).await?;
        // A search for what nobody has may find nothing; it may not find anything.
        if answer.status == 200 {
            ensure!(entries(&answer)?.is_empty(), "{} finds {}", ask.target, answer.text());
            judge.shows_nothing(&answer)?;
        } else {
            judge.is_client_error(&answer)?;
        }
        ensure!(answer.header("set-cookie").is_none(), "{:?}", answer.headers);
    }
    // Nothing was dropped.
    judge.permits(&control).await.map(drop)
}

/// The cases.
pub fn cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    let parameter = move |case_name: &'static str, name: &'static str| {
        case(case_name, everywhere(judge, move |ask, payload| ask.clone().and(&format!("&{name}={payload}"))))
    };
    vec![
        parameter("SQL in the parameter _id", "_id"),
        parameter("SQL in the parameter code", "code"),
        parameter("SQL in the parameter category", "category"),
        parameter("SQL in the parameter date", "date"),
        parameter("SQL in the parameter status", "status"),
        parameter("SQL in the parameter value-quantity", "value-quantity"),
        parameter("SQL in the parameter value-string", "value-string"),
        parameter("SQL in the parameter _count", "_count"),
        parameter("SQL in the parameter _sort", "_sort"),
        parameter("SQL in the parameter _lastUpdated", "_lastUpdated"),
        parameter("SQL in the parameter subject", "subject"),
        case("SQL in the parameter _elements", async move {
            let control = judge.observations(&judge.patient);
            judge.permits(&control).await?;
            for payload in PAYLOADS {
                let answer =
                    control.clone().and(&format!("&_elements={}", encoded(payload))).send(world).await?;
                // It leaves elements out, if it is taken at all.
                ensure!(answer.status == 200 || (400..500).contains(&answer.status), "{}", answer.text());
                let own = judge.patient.person.canaries();
                let foreign: Vec<_> =
                    judge.leaks(&answer).filter(|leak| !own.iter().any(|own| own == leak)).collect();
                ensure!(foreign.is_empty(), "{foreign:?}");
            }
            judge.permits(&control).await.map(drop)
        }),
        case(
            "SQL in a parameter's name",
            everywhere(judge, |ask, payload| ask.clone().and(&format!("&{payload}=1"))),
        ),
        case(
            "SQL in a parameter's modifier",
            everywhere(judge, |ask, payload| ask.clone().and(&format!("&code:{payload}=1"))),
        ),
        case(
            "SQL in the parameter patient",
            everywhere(judge, |ask, payload| Ask {
                target: format!("/fhir/Observation?patient={payload}"),
                ..ask.clone()
            }),
        ),
        case(
            "SQL after a patient who is one's own",
            everywhere(judge, |ask, payload| ask.clone().and(payload)),
        ),
        case(
            "SQL in the id of a record",
            everywhere(judge, |ask, payload| Ask {
                target: format!("/fhir/Observation/{payload}"),
                ..ask.clone()
            }),
        ),
        case("SQL after the id of a patient", {
            let relationship = judge.patient.relationship;
            everywhere(judge, move |ask, payload| Ask {
                target: format!("/fhir/Patient/{relationship}{payload}"),
                ..ask.clone()
            })
        }),
        case("SQL in the type of resource", {
            let relationship = judge.patient.relationship;
            everywhere(judge, move |ask, payload| Ask {
                target: format!("/fhir/{payload}?patient={relationship}"),
                ..ask.clone()
            })
        }),
        case("SQL in a form", {
            let relationship = judge.patient.relationship;
            everywhere(judge, move |ask, payload| Ask {
                method: "POST",
                target: "/fhir/Observation/_search".into(),
                body: Some((
                    "application/x-www-form-urlencoded",
                    format!("patient={relationship}&code={payload}").into_bytes(),
                )),
                ..ask.clone()
            })
        }),
        case("SQL in the log's parameter", async move {
            let log =
                Ask::get('a', &judge.patient.key, format!("/log?patient={}", judge.patient.relationship));
            log.until(world, 200).await?;
            for payload in PAYLOADS {
                for target in [
                    format!("/log?patient={}", encoded(payload)),
                    format!("{}{}", log.target, encoded(payload)),
                    format!("{}&number={}", log.target, encoded(payload)),
                ] {
                    judge.is_client_error(&Ask { target, ..log.clone() }.send(world).await?)?;
                }
            }
            log.until(world, 200).await.map(drop)
        }),
        case("SQL in sign-in and enrolment", async move {
            let practice = world.practice('a');
            for payload in PAYLOADS {
                let account = judge.patient.key.account().to_string();
                for (target, body) in [
                    ("/auth/challenge", json!({ "account": payload, "purpose": "TREAT" })),
                    ("/auth/challenge", json!({ "account": account, "purpose": payload })),
                    (
                        "/auth/challenge",
                        json!({ "account": account, "purpose": "TREAT", "patient": payload }),
                    ),
                    ("/auth/session", json!({ "message": payload, "signature": "0x00" })),
                    ("/auth/session", json!({ "message": "", "signature": payload })),
                    ("/enrol", json!({ "ticket": payload, "account": account, "signature": "0x00" })),
                    ("/enrol", json!({ "ticket": "0".repeat(32), "account": payload, "signature": "0x00" })),
                    ("/enrol", json!({ "ticket": "0".repeat(32), "account": account, "signature": payload })),
                ] {
                    judge.is_client_error(&practice.post(target, &body.to_string()).await?)?;
                }
            }
            judge.permits(&judge.observations(&judge.patient)).await.map(drop)
        }),
    ]
}
