//! WebSocket subscriptions: `medrec_subscribeNotices`.

use jsonrpsee::{
    core::SubscriptionResult, server::RegisterMethodError, PendingSubscriptionSink, RpcModule,
    SubscriptionMessage,
};
use serde::Deserialize;

use super::feed::{Feed, FeedError};
use crate::{
    auth::{AuthError, Credential},
    http::problem::Problem,
    metrics::Way,
    pipeline::{Gatekeeper, Interface},
    rpc::{self, Proof},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    patient: Option<String>,
    #[serde(default)]
    since: Option<String>,
    #[serde(default)]
    token: Option<String>,
}

/// Adds the subscription to the methods.
pub(crate) fn register(module: &mut RpcModule<Gatekeeper>) -> Result<(), RegisterMethodError> {
    module.register_subscription(
        "medrec_subscribeNotices",
        "medrec_notice",
        "medrec_unsubscribeNotices",
        |params, pending: PendingSubscriptionSink, gatekeeper, extensions| async move {
            let opened = match params.parse::<Params>() {
                Ok(params) => open(gatekeeper, &extensions, params).await.map_err(|problem| rpc::told(&problem)),
                Err(error) => Err(error),
            };
            let mut feed = match opened {
                Ok(feed) => feed,
                Err(refusal) => {
                    pending.reject(refusal).await;
                    return Ok(());
                }
            };
            let sink = pending.accept().await?;
            loop {
                tokio::select! {
                    () = sink.closed() => return SubscriptionResult::Ok(()),
                    notice = feed.next() => {
                        let Some(notice) = notice else {
                            return Err("the session is over, or the gatekeeper stops: sign in and subscribe again".into());
                        };
                        sink.send(SubscriptionMessage::from_json(&notice)?).await?;
                    }
                }
            }
        },
    )?;
    Ok(())
}

async fn open(
    gatekeeper: std::sync::Arc<Gatekeeper>,
    extensions: &jsonrpsee::Extensions,
    params: Params,
) -> Result<Feed, Problem> {
    let Params { patient, since, token } = params;
    let proof = rpc::proof(&gatekeeper, extensions)?;
    let token = match (proof, token) {
        (Proof::Token(token), None) | (Proof::None, Some(token)) => token,
        (Proof::None, None) => return Err(AuthError::Missing.into()),
        // Two proofs could be of two persons; a signed request counts for itself alone.
        _ => return Err(AuthError::Malformed.into()),
    };
    let session = Credential::Bearer(token);
    let asker = gatekeeper.auth.authenticate(&session, "", "", b"").await?;
    let wanted = gatekeeper.notices.wanted(&asker.account, patient.as_deref(), since.as_deref());
    let wanted = wanted.map_err(|error| Problem::malformed(error.to_string()))?;
    let opened = Feed::open(gatekeeper, &asker, session, wanted, Way::Socket, Interface::Rpc);
    opened.map_err(problem)
}

/// A stream that is not opened, in words for programs and people.
pub(crate) fn problem(error: FeedError) -> Problem {
    match error {
        FeedError::Proof(error) => error.into(),
        FeedError::TooMany => Problem::too_many(1),
        FeedError::Off => Problem::not_found(),
    }
}
