//! Links to the next page: opaque, good for one asker and one query.
//!
//! A page begins after the last resource that was shown on the one before, wherever that is by then: a link needs no count of
//! anything, and nothing is kept of a search. The link is signed with a key of this asker's, so that nobody makes one up or uses
//! another's; what it leads to is decided anew.

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use subtle::ConstantTimeEq;

use crate::smart::mac;

const SEAL: usize = 16;

/// Makes and reads one asker's links.
#[derive(Clone, Default)]
pub struct Pages {
    key: [u8; 32],
}

impl Pages {
    /// The links of an account, made with one of the gatekeeper's secrets.
    pub fn of(secret: &[u8; 32], account: &[u8]) -> Self {
        Self { key: mac(secret, &[b"medrec/pages/v1", account]) }
    }

    /// The cursor of the page that begins after a place.
    pub fn cursor(&self, what: &str, query: &str, after: &str) -> String {
        let mut bytes = self.seal(what, query, after).to_vec();
        bytes.extend_from_slice(after.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a cursor names, if it is one for this query.
    pub fn after(&self, what: &str, query: &str, cursor: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (seal, after) = bytes.split_at_checked(SEAL)?;
        let after = std::str::from_utf8(after).ok()?;
        bool::from(self.seal(what, query, after).ct_eq(seal)).then(|| after.to_owned())
    }

    fn seal(&self, what: &str, query: &str, after: &str) -> [u8; SEAL] {
        let digest = mac(&self.key, &[what.as_bytes(), query.as_bytes(), after.as_bytes()]);
        let mut seal = [0; SEAL];
        seal.copy_from_slice(&digest[..SEAL]);
        seal
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_should_be_refused_when_it_is_of_another_asker_or_query_or_changed() {
        let (hers, his) = (Pages::of(&[1; 32], b"alice"), Pages::of(&[1; 32], b"bob"));
        let cursor = hers.cursor("Observation", "code=a", "r0-3.00ff");
        assert_eq!(hers.after("Observation", "code=a", &cursor).as_deref(), Some("r0-3.00ff"));
        assert_eq!(his.after("Observation", "code=a", &cursor), None);
        assert_eq!(Pages::of(&[2; 32], b"alice").after("Observation", "code=a", &cursor), None);
        assert_eq!(hers.after("Observation", "code=b", &cursor), None);
        assert_eq!(hers.after("Condition", "code=a", &cursor), None);
        for changed in ["", "AAAA", &cursor[1..], &format!("{cursor}AA")] {
            assert_eq!(hers.after("Observation", "code=a", changed), None, "{changed}");
        }
    }
}
