//! JSON-RPC over HTTP and WebSocket, on the same port as everything else.
//!
//! Methods read parameters and end in the same [`pipeline`](crate::pipeline) as FHIR: there is no second way to a record.
//! Their errors carry the HTTP status as code, and the body as data.

use std::{net::IpAddr, sync::Arc, time::Instant};

use jsonrpsee::{
    server::{
        middleware::rpc::RpcServiceBuilder, BatchRequestConfig, Methods, PingConfig, RegisterMethodError,
        Server, StopHandle, TowerServiceBuilder,
    },
    types::ErrorObjectOwned,
    Extensions, RpcModule,
};
use medrec_client::messages::{ChallengeRequest, SessionRequest};
use serde::{Deserialize, Serialize};
use serde_json::value::{to_raw_value, RawValue};
use sp_core::crypto::Ss58Codec;
use tower::layer::util::Identity;

use crate::{
    auth::{Asker, AuthError, Credential},
    http::problem::Problem,
    notices,
    pipeline::{Answer, Ask, Gatekeeper, Interface, Refused},
};

pub mod http;

/// Calls in one batch, at most.
const BATCH: u32 = 16;

/// Subscriptions of one connection, at most.
const SUBSCRIPTIONS: u32 = 16;

/// Bytes of one answer, at most.
const ANSWER_BYTES: u32 = 32 * 1024 * 1024;

/// What is known of whoever calls, before the call is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub address: IpAddr,
    pub proof: Proof,
}

/// Who a connection or request stands for, as far as its HTTP part says.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// Nobody; single calls may bring a token.
    None,
    /// Whoever has this session, at the time of each call.
    Token(String),
    /// Whoever signed this very HTTP request.
    Proven(Box<Asker>),
}

/// Everything that a connection's service is built from.
pub(crate) struct Service {
    pub builder: TowerServiceBuilder<Identity, Identity>,
    pub methods: Methods,
    pub stop: StopHandle,
}

/// The service for a gatekeeper.
pub(crate) fn service(
    gatekeeper: &Arc<Gatekeeper>,
    stop: StopHandle,
) -> Result<Service, RegisterMethodError> {
    let limits = &gatekeeper.settings.limits;
    let builder = Server::builder()
        .max_request_body_size(u32::try_from(limits.body_bytes).unwrap_or(u32::MAX))
        .max_response_body_size(ANSWER_BYTES)
        // Bounded before: WebSockets by `Front::sockets`, requests by how many are handled at a time.
        .max_connections(u32::MAX)
        .set_batch_request_config(BatchRequestConfig::Limit(BATCH))
        .max_subscriptions_per_connection(SUBSCRIPTIONS)
        .enable_ws_ping(PingConfig::new())
        .set_rpc_middleware(RpcServiceBuilder::new())
        .to_service_builder();
    Ok(Service { builder, methods: methods(gatekeeper.clone())?.into(), stop })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadParams {
    patient: String,
    r#type: String,
    id: String,
    #[serde(default)]
    token: Option<String>,
    // After what was there before: parameters can be told by their place.
    #[serde(default)]
    proof: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchParams {
    patient: String,
    r#type: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    token: Option<String>,
    // After what was there before: parameters can be told by their place.
    #[serde(default)]
    proof: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogParams {
    patient: String,
    #[serde(default)]
    after: u64,
    #[serde(default)]
    token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticesParams {
    #[serde(default)]
    patient: Option<String>,
    #[serde(default)]
    since: Option<String>,
    #[serde(default)]
    token: Option<String>,
}

/// An answer with its signature, which covers the exact bytes of `resource`; where proofs are asked for, the document with all of
/// them, too.
#[derive(Clone, Serialize)]
struct Signed {
    status: u16,
    resource: Box<RawValue>,
    target: String,
    date: u64,
    account: String,
    signature: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    proven: Option<String>,
}

#[derive(Clone, Serialize)]
struct Status {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

fn methods(gatekeeper: Arc<Gatekeeper>) -> Result<RpcModule<Gatekeeper>, RegisterMethodError> {
    let mut module = RpcModule::from_arc(gatekeeper);
    module.register_async_method("medrec_status", |_, gatekeeper, _| async move {
        let reason = gatekeeper.ready().await.err();
        Ok::<_, ErrorObjectOwned>(Status { ready: reason.is_none(), reason })
    })?;
    module.register_async_method("medrec_challenge", |params, gatekeeper, extensions| async move {
        limit_sign_ins(&gatekeeper, &extensions)?;
        let asked: ChallengeRequest = params.parse()?;
        gatekeeper.auth.challenge(&asked).await.map_err(unproven)
    })?;
    module.register_async_method("medrec_signIn", |params, gatekeeper, extensions| async move {
        limit_sign_ins(&gatekeeper, &extensions)?;
        let asked: SessionRequest = params.parse()?;
        gatekeeper.auth.open_session(&asked).await.map_err(unproven)
    })?;
    module.register_async_method("medrec_read", |params, gatekeeper, extensions| async move {
        let ReadParams { patient, r#type, id, proof, token } = params.parse()?;
        let asker = caller(&gatekeeper, &extensions, token).await?;
        let target = format!("/fhir/{}/{id}", r#type);
        let ask = gatekeeper.ask_read(&r#type, &id, "").and_then(|ask| {
            if ask.relationship().to_string() == patient {
                Ok(ask)
            } else {
                Err(Refused::malformed("the id is not one of this patient's"))
            }
        });
        answer(&gatekeeper, &asker, ask, target, proof).await
    })?;
    module.register_async_method("medrec_search", |params, gatekeeper, extensions| async move {
        let SearchParams { patient, r#type, query, proof, token } = params.parse()?;
        let asker = caller(&gatekeeper, &extensions, token).await?;
        let query = search_query(&r#type, &patient, &query);
        let ask = match gatekeeper.ask_search(&asker, &r#type, &query, false) {
            Ok(ask) if ask.relationship().to_string() != patient => {
                Err(Refused::malformed("the query names another patient"))
            }
            ask => ask,
        };
        answer(&gatekeeper, &asker, ask, format!("/fhir/{}?{query}", r#type), proof).await
    })?;
    module.register_async_method("medrec_notices", |params, gatekeeper, extensions| async move {
        let NoticesParams { patient, since, token } = params.parse()?;
        let asker = caller(&gatekeeper, &extensions, token).await?;
        let wanted = gatekeeper.notices.wanted(&asker.account, patient.as_deref(), since.as_deref());
        let wanted = wanted.map_err(|error| told(&Problem::malformed(error.to_string())))?;
        let part = |name: &str, value: Option<String>| value.map(|value| format!("{name}={value}"));
        let parts: Vec<String> = part("patient", patient).into_iter().chain(part("since", since)).collect();
        let target = format!("/notices?{}", parts.join("&"));
        let answer = gatekeeper.answer_notices(&asker, &wanted, &target, Interface::Rpc).await;
        signed(answer, target)
    })?;
    notices::deliver::socket::register(&mut module)?;
    module.register_async_method("medrec_log", |params, gatekeeper, extensions| async move {
        let LogParams { patient, after, token } = params.parse()?;
        let asker = caller(&gatekeeper, &extensions, token).await?;
        let query = format!("patient={patient}&after={after}");
        answer(&gatekeeper, &asker, Ask::log(&query), format!("/log?{query}"), false).await
    })?;
    Ok(module)
}

/// The patient's own parameter, and what else is asked for.
pub(crate) fn search_query(resource_type: &str, patient: &str, query: &str) -> String {
    let own = if resource_type == "Patient" { "_id" } else { "patient" };
    let named = query.split('&').any(|part| part.split('=').next() == Some(own));
    match (named, query.is_empty()) {
        (true, _) => query.to_owned(),
        (false, true) => format!("{own}={patient}"),
        (false, false) => format!("{own}={patient}&{query}"),
    }
}

/// What the HTTP part says of whoever calls. Counts as a message of the address.
pub(crate) fn proof(gatekeeper: &Gatekeeper, extensions: &Extensions) -> Result<Proof, Problem> {
    let Caller { address, proof } = extensions.get::<Caller>().ok_or(AuthError::Missing)?;
    gatekeeper.rates.addresses.take(*address, Instant::now()).map_err(Problem::too_many)?;
    Ok(proof.clone())
}

async fn caller(
    gatekeeper: &Gatekeeper,
    extensions: &Extensions,
    token: Option<String>,
) -> Result<Asker, ErrorObjectOwned> {
    let token = match (proof(gatekeeper, extensions).map_err(|problem| told(&problem))?, token) {
        (Proof::Proven(asker), None) => return Ok(*asker),
        // Two proofs could be of two persons.
        (Proof::Proven(_) | Proof::Token(_), Some(_)) => return Err(unproven(AuthError::Malformed)),
        (Proof::Token(token), None) => token,
        (Proof::None, Some(token)) => token,
        (Proof::None, None) => return Err(unproven(AuthError::Missing)),
    };
    gatekeeper.auth.authenticate(&Credential::Bearer(token), "", "", b"").await.map_err(unproven)
}

async fn answer(
    gatekeeper: &Gatekeeper,
    asker: &Asker,
    ask: Result<Ask, Refused>,
    target: String,
    with_proof: bool,
) -> Result<Signed, ErrorObjectOwned> {
    let answer = match ask {
        Ok(ask) if with_proof => {
            return match gatekeeper.answer_with_proofs(asker, &ask, &target, Interface::Rpc).await {
                Ok((answer, proven)) => {
                    Ok(Signed { proven: Some(proven.to_text()), ..signed(answer, target)? })
                }
                Err(answer) => signed(answer, target),
            };
        }
        Ok(ask) => gatekeeper.answer(asker, &ask, &target, Interface::Rpc).await,
        Err(refused) => gatekeeper.refuse(asker, &refused, &target),
    };
    signed(answer, target)
}

fn signed(answer: Answer, target: String) -> Result<Signed, ErrorObjectOwned> {
    let Answer { status, body, seal, .. } = answer;
    let internal = |_| ErrorObjectOwned::owned(500, "the gatekeeper cannot answer this now", None::<()>);
    let resource = RawValue::from_string(body).map_err(internal)?;
    let signed = Signed {
        status,
        resource,
        target,
        date: seal.date,
        account: seal.signature.account.to_ss58check(),
        signature: format!("0x{}", hex::encode(&seal.signature.signature)),
        proven: None,
    };
    if status == 200 {
        return Ok(signed);
    }
    let message = match status {
        403 => "access is not permitted, or there is nothing to be found",
        404 => "there is no such resource",
        429 => "too many requests: slow down",
        503 => "the chain cannot be relied on right now: try again",
        400..=499 => "the request is malformed or not supported",
        _ => "the gatekeeper cannot answer this now",
    };
    Err(ErrorObjectOwned::owned(i32::from(status), message, to_raw_value(&signed).ok()))
}

fn limit_sign_ins(gatekeeper: &Gatekeeper, extensions: &Extensions) -> Result<(), ErrorObjectOwned> {
    let Caller { address, .. } = extensions.get::<Caller>().ok_or_else(|| unproven(AuthError::Missing))?;
    gatekeeper.rates.sign_ins.take(*address, Instant::now()).map_err(too_many)
}

fn too_many(seconds: u64) -> ErrorObjectOwned {
    told(&Problem::too_many(seconds))
}

fn unproven(error: AuthError) -> ErrorObjectOwned {
    told(&Problem::from(error))
}

pub(crate) fn told(problem: &Problem) -> ErrorObjectOwned {
    let code = i32::from(problem.status.as_u16());
    ErrorObjectOwned::owned(code, problem.message.clone(), Some(problem.body()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_query_should_name_the_patient_once() {
        assert_eq!(search_query("Observation", "r0-3", ""), "patient=r0-3");
        assert_eq!(search_query("Observation", "r0-3", "code=1"), "patient=r0-3&code=1");
        assert_eq!(search_query("Observation", "r0-3", "code=1&patient=r0-4"), "code=1&patient=r0-4");
        assert_eq!(search_query("Patient", "r0-3", ""), "_id=r0-3");
    }
}
