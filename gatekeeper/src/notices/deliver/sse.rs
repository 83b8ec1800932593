//! Server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    sse::{Event, KeepAlive, Sse},
    IntoResponse, Response,
};
use futures::stream;

use super::feed::Feed;

/// A comment at this pace keeps proxies from taking the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A stream as a response: each notice an event `notice` with its id, for `Last-Event-ID`.
pub fn response(feed: Feed) -> Response {
    let events = stream::unfold(feed, |mut feed| async {
        loop {
            let notice = feed.next().await?;
            match Event::default().event("notice").id(&notice.id).json_data(&notice) {
                Ok(event) => return Some((Ok::<_, Infallible>(event), feed)),
                Err(error) => tracing::error!(%error, "a notice cannot be written"),
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}
