//! The nodes that a gatekeeper may ask: its own first, then those that stand in for it.
//!
//! Which one is asked is the follower's choice, and everything else goes by it: what is decided on and what is submitted comes
//! from and goes to the same node, as long as that one answers.

use std::sync::atomic::{AtomicUsize, Ordering};

use medrec_client::chain::{Chain, ChainError as ClientError};

use super::Hash;

/// The nodes, and which of them is asked.
#[derive(Debug)]
pub struct Nodes {
    urls: Vec<String>,
    chosen: AtomicUsize,
}

impl Nodes {
    /// The gatekeeper's own node, and what stands in for it, in order.
    pub fn new(own: String, stand_ins: impl IntoIterator<Item = String>) -> Self {
        Self { urls: std::iter::once(own).chain(stand_ins).collect(), chosen: AtomicUsize::new(0) }
    }

    /// The place of the one that is asked: 0 is the gatekeeper's own.
    pub fn chosen(&self) -> usize {
        self.chosen.load(Ordering::Relaxed)
    }

    /// All of them, the gatekeeper's own first.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// The address at a place. Places go round.
    pub(super) fn url(&self, place: usize) -> &str {
        // Never empty, so never the default.
        place.checked_rem(self.urls.len()).and_then(|at| self.urls.get(at)).map_or("", String::as_str)
    }

    /// From now on this one is asked.
    pub(super) fn choose(&self, place: usize) {
        self.chosen.store(place, Ordering::Relaxed);
    }

    /// The one after this place.
    pub(super) fn after(&self, place: usize) -> usize {
        place.saturating_add(1).checked_rem(self.urls.len()).unwrap_or_default()
    }

    /// Connects to the chosen one, or to the first of the others that is on the chain `genesis`. Where none is, the error is the chosen
    /// one's.
    pub async fn connect(&self, genesis: Option<Hash>) -> Result<Chain, ClientError> {
        let chosen = self.chosen();
        let places = std::iter::once(chosen).chain((0..self.urls.len()).filter(|place| *place != chosen));
        let mut first = None;
        for place in places {
            match connect(self.url(place), genesis).await {
                Ok(chain) => return Ok(chain),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first
            .unwrap_or_else(|| ClientError::Unreachable { url: String::new(), reason: "no address".into() }))
    }
}

async fn connect(url: &str, genesis: Option<Hash>) -> Result<Chain, ClientError> {
    let chain = Chain::connect_unencrypted(url).await?;
    if let Some(genesis) = genesis {
        chain.expect_genesis(genesis)?;
    }
    Ok(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_should_go_round_when_each_is_tried() {
        let nodes = Nodes::new("ws://a".into(), ["ws://b".to_owned(), "ws://c".to_owned()]);
        assert_eq!(nodes.url(nodes.chosen()), "ws://a");
        let mut place = nodes.chosen();
        let mut tried = Vec::new();
        for _ in 0..4 {
            place = nodes.after(place);
            tried.push(nodes.url(place));
        }
        assert_eq!(tried, ["ws://b", "ws://c", "ws://a", "ws://b"]);
        let alone = Nodes::new("ws://a".into(), []);
        assert_eq!(alone.after(0), 0);
    }

    #[tokio::test]
    async fn nodes_should_fail_with_the_chosen_one_s_error_when_none_answers() {
        let nodes = Nodes::new("ws://127.0.0.1:1".into(), ["ws://127.0.0.1:2".to_owned()]);
        nodes.choose(1);
        let error = nodes.connect(None).await.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("ws://127.0.0.1:2"), "{error}");
    }
}
