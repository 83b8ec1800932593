//! The HTTP front: routes, limits, and how outcomes become responses.
//!
//! Nothing here knows a rule. Handlers read a request whole and within bounds, have it authenticated, and hand it to the
//! [`pipeline`](crate::pipeline).

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{header, HeaderName, HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
    Router,
};
use jsonrpsee::server::{stop_channel, ServerHandle};
use tokio::{net::TcpListener, sync::Semaphore};

use crate::{config::Limits, limits::AtOnce, pipeline::Gatekeeper, rpc};

pub mod chain;
pub mod cors;
pub mod desk;
pub mod door;
pub mod emergency;
pub mod fhir;
pub mod links;
pub mod negotiate;
pub mod notices;
pub mod plain;
pub mod portal;
pub mod problem;
pub mod proof;
pub mod receive;
pub mod research;
pub mod sealed;
mod serving;
pub mod smart;

use problem::Problem;

/// What the HTTP front needs.
pub struct Front {
    /// Decides and answers.
    pub gatekeeper: Arc<Gatekeeper>,
    /// Answers JSON-RPC.
    pub(crate) rpc: rpc::Service,
    /// WebSockets, which outlast the request that they begin with.
    pub(crate) sockets: Arc<AtOnce>,
    permits: Semaphore,
}

/// The routes, and the handle that ends WebSocket connections.
pub fn router(
    gatekeeper: Arc<Gatekeeper>,
    portal: Option<portal::Portal>,
) -> Result<(Router, ServerHandle), jsonrpsee::server::RegisterMethodError> {
    let limits = &gatekeeper.settings.limits;
    let (stop, handle) = stop_channel();
    let front = Arc::new(Front {
        rpc: rpc::service(&gatekeeper, stop)?,
        sockets: AtOnce::new(limits.connections, limits.connections_per_address),
        permits: Semaphore::new(limits.concurrent),
        gatekeeper,
    });
    let sign_ins = Router::new()
        .route("/auth/challenge", post(plain::challenge))
        .route("/auth/session", post(plain::open_session).delete(plain::end_session))
        .route("/enrol", post(plain::enrol))
        .route("/smart/challenge", post(smart::challenge))
        .route("/smart/sign-in", post(smart::sign_in))
        .route("/smart/consent", post(smart::consent))
        .route("/smart/token", post(smart::token))
        .route("/smart/revoke", post(smart::revoke))
        .route("/smart/introspect", post(smart::introspect))
        .route("/links", post(links::make).get(links::list))
        .route("/links/{account}", delete(links::end))
        .route("/shl/{token}", post(links::manifest).get(links::direct))
        .route("/desk/tickets", post(desk::ticket))
        .route("/desk/inbox", get(desk::inbox))
        .route("/desk/inbox/{number}", post(desk::decide))
        .route("/desk/records", get(desk::records))
        .route("/emergency/find", post(emergency::find))
        .route("/emergency/draft", post(emergency::draft))
        .route("/emergency/break", post(emergency::break_glass))
        .route("/notices/webhooks", get(notices::webhooks).post(notices::add_webhook))
        .route("/notices/webhooks/{id}", delete(notices::remove_webhook))
        .route_layer(middleware::from_fn_with_state(front.clone(), limit_sign_ins));
    let router = Router::new()
        .route("/health", get(plain::health))
        .route("/ready", get(plain::ready))
        .route("/log", get(plain::log))
        .route("/log/proof", get(plain::log_proof))
        .route("/notices", get(notices::list))
        .route("/notices/stream", get(notices::stream))
        .route("/smart/authorize", get(smart::authorize).post(smart::authorize_form))
        .route("/smart/wallet.js", get(smart::script))
        .route("/smart/style.css", get(smart::style))
        .route("/fhir/.well-known/smart-configuration", get(smart::configuration))
        .route("/fhir/metadata", get(fhir::metadata))
        .route("/fhir/{type}", get(fhir::search).post(fhir::create))
        .route("/fhir/{type}/_search", post(fhir::search_form))
        .route("/fhir/{type}/{id}", get(fhir::read))
        .route("/fhir/{type}/{id}/{operation}", get(fhir::operation))
        .route("/proof/fhir/{type}", get(proof::search))
        .route("/proof/fhir/{type}/{id}", get(proof::read))
        .route("/proof/fhir/{type}/{id}/{operation}", get(proof::operation))
        .route("/shl/{token}/files/{file}", get(links::file))
        .route("/research/definitions", get(research::definitions))
        .route("/research/definitions/{digest}", get(research::definition))
        .route("/research/answers/{claim}", get(research::answer))
        .route("/research/counted", get(research::counted))
        .route("/research/withdrawal", post(research::withdrawal))
        .route("/chain/requests", post(chain::hand_over))
        .route("/chain/requests/{id}", get(chain::pick_up))
        .route("/rpc", post(rpc::http::call).get(rpc::http::upgrade))
        .merge(sign_ins)
        .merge(portal.map(portal::routes).unwrap_or_default())
        .fallback(|request: Request| async move { told(Problem::not_found(), request.uri().path()) })
        .method_not_allowed_fallback(|request: Request| async move {
            told(Problem::method(), request.uri().path())
        })
        .layer(middleware::from_fn_with_state(front.clone(), sealed::seal))
        .layer(middleware::from_fn_with_state(front.clone(), guard))
        .layer(middleware::from_fn_with_state(front.clone(), cors::cors))
        .with_state(front);
    Ok((router, handle))
}

/// Serves until `stop` comes, then lets what is on its way finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<door::Tls>>,
    gatekeeper: Arc<Gatekeeper>,
    portal: Option<portal::Portal>,
    stop: impl std::future::Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let stopping = gatekeeper.settings.stopping;
    let head = gatekeeper.settings.limits.head();
    let proxied = gatekeeper.settings.proxies.is_some();
    let Limits { connections, connections_per_address, .. } = gatekeeper.settings.limits;
    let connections = AtOnce::new(connections, if proxied { connections } else { connections_per_address });
    let (router, rpc) = router(gatekeeper.clone(), portal)?;
    let (refusing, refused) = tokio::sync::watch::channel(());
    let graceful = async move {
        stop.await;
        gatekeeper.about_to_stop();
        tracing::info!(delay_ms = stopping.delay.as_millis() as u64, "stopping");
        tokio::time::sleep(stopping.delay).await;
        // Fails only if it has stopped already.
        let _ = rpc.stop();
        drop(refusing);
    };
    let overdue = async move {
        let mut refused = refused;
        // An error is the sender's end: from here on, new connections are refused.
        while refused.changed().await.is_ok() {}
        tokio::time::sleep(stopping.timeout).await;
    };
    let served = async move {
        match tls {
            None => serving::serve(listener, router, head, connections, graceful).await,
            Some(tls) => {
                let door = door::TlsDoor::open(listener, tls, proxied)?;
                serving::serve(door, router, head, connections, graceful).await;
            }
        }
        std::io::Result::Ok(())
    };
    tokio::select! {
        served = served => Ok(served?),
        () = overdue => {
            tracing::warn!("some requests did not finish in time");
            Ok(())
        }
    }
}

/// Bounds on every request: how many at once, how many from one address, how long. And what every response carries.
async fn guard(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    // The pattern, not the path: paths name relationships.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let metrics = &front.gatekeeper.metrics;
    let _under_way = metrics.under_way();
    let mut response = bounded(&front, request, next).await;
    let headers = response.headers_mut();
    // Answers are nobody's to keep; only the page for people says otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    let (status, took) = (response.status().as_u16(), started.elapsed());
    metrics.request(&route, &method, status, took.as_secs_f64());
    let ms = took.as_millis() as u64;
    tracing::info!(%method, route, status, ms, "request");
    response
}

async fn bounded(front: &Front, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let Ok(_permit) = front.permits.try_acquire() else {
        return told(Problem::busy(1), &path);
    };
    let address = receive::address(&request, &front.gatekeeper.settings);
    if let Err(seconds) = front.gatekeeper.rates.addresses.take(address, std::time::Instant::now()) {
        return told(Problem::too_many(seconds), &path);
    }
    if !crate::form::is_text(&path) {
        return told(Problem::malformed("the path is not UTF-8 in percent-encoding"), &path);
    }
    match tokio::time::timeout(front.gatekeeper.settings.limits.request(), next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            told(Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the request took too long"), &path)
        }
    }
}

/// A problem in the words of who asked: FHIR clients want an OperationOutcome.
fn told(problem: Problem, path: &str) -> Response {
    match path == "/fhir" || path.starts_with("/fhir/") {
        true => fhir::FhirProblem::from(problem).into_response(),
        false => problem.into_response(),
    }
}

/// See [`RateLimits::sign_ins`](crate::limits::RateLimits).
async fn limit_sign_ins(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let address = receive::address(&request, &front.gatekeeper.settings);
    match front.gatekeeper.rates.sign_ins.take(address, std::time::Instant::now()) {
        Ok(()) => next.run(request).await,
        Err(seconds) => Problem::too_many(seconds).into_response(),
    }
}
