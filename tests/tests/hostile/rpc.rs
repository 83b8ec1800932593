//! JSON-RPC: the same refusals by the other door.

use anyhow::{ensure, Context, Result};
use medrec_client::keys::KeyPair;
use medrec_tests::{practice::ask::Ask, wire::RawAnswer};
use serde_json::{json, Value};

use crate::judge::{case, Case, Judge};

/// One call, signed as a whole HTTP request.
fn call(key: &KeyPair, method: &str, params: &Value) -> Ask {
    body(key, &json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string())
}

fn body(key: &KeyPair, text: &str) -> Ask {
    let body = Some(("application/json", text.as_bytes().to_vec()));
    Ask { method: "POST", body, ..Ask::get('a', key, "/rpc") }
}

/// The error of an answer, which must be one.
fn error(answer: &RawAnswer) -> Result<(i64, Value)> {
    let value = answer.json()?;
    ensure!(value.get("result").is_none(), "a result: {value}");
    let code = value["error"]["code"].as_i64().with_context(|| format!("no error: {value}"))?;
    Ok((code, value["error"].clone()))
}

/// What the pipeline said within an error, without signature and time.
fn said(error: &Value) -> Value {
    error["data"]["resource"].clone()
}

/// The cases.
pub fn cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    let permitted = move |ask: Ask| async move {
        let answer = judge.permits(&ask).await?;
        ensure!(answer.json()?.get("result").is_some(), "the control: {}", answer.text());
        Ok::<_, anyhow::Error>(answer)
    };
    let refused = move |answer: RawAnswer, code: i64| {
        judge.shows_nothing(&answer)?;
        let (found, error) = error(&answer)?;
        ensure!(found == code, "{found} instead of {code}: {error}");
        Ok::<_, anyhow::Error>(error)
    };
    let search =
        |patient: &str, query: &str| json!({ "patient": patient, "type": "Observation", "query": query });
    let patient = judge.patient.relationship.to_string();
    let own = search(&patient, "");
    vec![
        case("JSON-RPC without a grant", {
            let own = own.clone();
            async move {
                permitted(call(&judge.patient.key, "medrec_search", &own)).await?;
                let stranger = world.key("calls");
                let denied = refused(call(&stranger, "medrec_search", &own).send(world).await?, 403)?;
                // Nobody and somebody are refused with the same words.
                let unknown = call(&stranger, "medrec_search", &search("r0-999999", "")).send(world).await?;
                ensure!(said(&refused(unknown, 403)?) == said(&denied), "told apart");
                let id = format!("{}.{}", judge.patient.relationship, "0".repeat(32));
                let read = json!({ "patient": judge.patient.relationship.to_string(), "type": "Observation", "id": id });
                ensure!(
                    said(&refused(call(&stranger, "medrec_read", &read).send(world).await?, 403)?)
                        == said(&denied)
                );
                let log = json!({ "patient": judge.patient.relationship.to_string() });
                refused(call(&stranger, "medrec_log", &log).send(world).await?, 403).map(drop)
            }
        }),
        case("JSON-RPC without a proof", {
            let own = own.clone();
            async move {
                let ask = call(&judge.patient.key, "medrec_search", &own);
                permitted(ask.clone()).await?;
                let (signed, _) = ask.sign(world);
                refused(signed.without_header("Authorization").send().await?, 401)?;
                let mut with_token = own.clone();
                with_token["token"] = json!("' OR '1'='1");
                let (signed, _) = call(&judge.patient.key, "medrec_search", &with_token).sign(world);
                refused(signed.without_header("Authorization").send().await?, 401)?;
                // Two proofs could be of two persons.
                refused(call(&judge.patient.key, "medrec_search", &with_token).send(world).await?, 401)
                    .map(drop)
            }
        }),
        case("JSON-RPC with another body than was signed", {
            let own = own.clone();
            async move {
                let ask = call(&judge.patient.key, "medrec_search", &own);
                permitted(ask.clone()).await?;
                let (mut signed, _) = ask.sign(world);
                signed.body = String::from_utf8(signed.body)?.replace("\"id\":1", "\"id\":2").into_bytes();
                judge.is_refusal(&signed.send().await?, 401)
            }
        }),
        case("JSON-RPC replayed", {
            let own = own.clone();
            async move {
                let (signed, _) = call(&judge.patient.key, "medrec_search", &own).sign(world);
                ensure!(signed.send().await?.status == 200, "the first time counts");
                judge.is_refusal(&signed.send().await?, 401)
            }
        }),
        case("JSON-RPC that names one patient and asks for another", {
            let own = own.clone();
            async move {
                permitted(call(&judge.patient.key, "medrec_search", &own)).await?;
                let victim = world.admit_patient('a').await?;
                judge.permits(&judge.observations(&victim)).await?;
                let (own, other) = (judge.patient.relationship, victim.relationship);
                for (patient, query) in [
                    (own, format!("patient={other}")),
                    (own, format!("patient={own}&patient={other}")),
                    (other, format!("patient={own}")),
                    (own, format!("subject=Patient/{other}")),
                    (own, format!("%70atient={other}")),
                ] {
                    let params = search(&patient.to_string(), &query);
                    let answer = call(&judge.patient.key, "medrec_search", &params).send(world).await?;
                    judge.shows_nothing(&answer)?;
                    ensure!(
                        error(&answer).is_ok() || answer.json()?["result"]["resource"]["entry"].is_null(),
                        "{query}"
                    );
                }
                let id = format!("{other}.{}", "0".repeat(32));
                let read = json!({ "patient": own.to_string(), "type": "Observation", "id": id });
                judge.shows_nothing(&call(&judge.patient.key, "medrec_read", &read).send(world).await?)
            }
        }),
        case("JSON-RPC that is none", {
            let own = own.clone();
            async move {
                let key = &judge.patient.key;
                let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
                let long_batch = Value::Array(vec![
                    json!({ "jsonrpc": "2.0", "id": 1, "method": "medrec_search", "params": own });
                    40
                ]);
                for text in [
                    String::new(),
                    "{".into(),
                    "[]".into(),
                    "null".into(),
                    "\u{0}".into(),
                    deep.clone(),
                    format!(
                        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"medrec_search\",\"params\":{deep}}}"
                    ),
                    long_batch.to_string(),
                ] {
                    let answer = body(key, &text).send(world).await?;
                    ensure!(answer.status < 500, "{} {}", answer.status, answer.text());
                    judge.shows_nothing(&answer)?;
                }
                for (method, params) in [
                    ("system_dump", json!([])),
                    ("medrec_admin", json!({})),
                    ("rpc_methods", json!([])),
                    ("medrec_search", json!([])),
                    ("medrec_search", json!({ "patient": "' OR 1=1 --", "type": "Observation" })),
                    (
                        "medrec_search",
                        json!({ "patient": judge.patient.relationship.to_string(), "type": "person" }),
                    ),
                    ("medrec_search", json!({ "patient": judge.patient.relationship.to_string() })),
                    (
                        "medrec_read",
                        json!({ "patient": judge.patient.relationship.to_string(), "type": "Patient", "id": "../x" }),
                    ),
                    ("medrec_log", json!({ "patient": judge.patient.relationship.to_string(), "after": -1 })),
                    ("medrec_log", json!({ "patient": "*" })),
                    ("medrec_signIn", json!({ "message": "", "signature": "" })),
                    ("medrec_challenge", json!({ "account": "", "purpose": "" })),
                ] {
                    let answer = call(key, method, &params).send(world).await?;
                    judge.shows_nothing(&answer)?;
                    error(&answer).with_context(|| format!("{method} {params}"))?;
                }
                permitted(call(key, "medrec_search", &own)).await.map(drop)
            }
        }),
        case("a WebSocket with a proof that counts once", async move {
            let key = &judge.patient.key;
            permitted(call(key, "medrec_search", &own)).await?;
            let (signed, _) = Ask::get('a', key, "/rpc").sign(world);
            let upgrade = signed
                .with_header("Connection", "Upgrade")
                .with_header("Upgrade", "websocket")
                .with_header("Sec-WebSocket-Version", "13")
                .with_header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
            judge.is_refusal(&upgrade.send().await?, 401)
        }),
    ]
}
