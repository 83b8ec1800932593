//! The gatekeeper's own store: tickets, bindings, sessions, used nonces, notices, log.

use std::path::PathBuf;

use serde::Deserialize;

/// Where the store is: a file of this gatekeeper's own, or a PostgreSQL that several gatekeepers behind one name share.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// The file.
    pub path: PathBuf,
    /// In its place, a PostgreSQL (`postgresql://user@host/database`), without a password.
    pub url: Option<String>,
    /// The file with the password; if left out, `PGPASSWORD` counts.
    pub password: Option<PathBuf>,
    /// The name of this gatekeeper among those that share the PostgreSQL: another for each, and the same after a restart.
    pub instance: Option<String>,
    /// Connections to the PostgreSQL, at most.
    pub max_connections: u32,
    /// The marker by which a restored back-up is known: beside the store, or `gatekeeper.marker`, if left out. Not to be backed up, and
    /// not shared.
    pub marker: Option<PathBuf>,
}

impl Default for Store {
    fn default() -> Self {
        let path = "gatekeeper.sqlite".into();
        Self { path, url: None, password: None, instance: None, max_connections: 8, marker: None }
    }
}

impl Store {
    /// Where the marker is.
    pub fn marker(&self) -> PathBuf {
        let beside = match self.url {
            None => PathBuf::from(format!("{}.marker", self.path.display())),
            Some(_) => self.path.with_file_name("gatekeeper.marker"),
        };
        self.marker.clone().unwrap_or(beside)
    }

    /// What is wrong, with the key that it is about.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let Some(url) = &self.url else {
            let stray =
                [("store.password", self.password.is_some()), ("store.instance", self.instance.is_some())];
            return match stray.into_iter().find(|(_, given)| *given) {
                Some((key, _)) => Err((key, "goes with store.url alone")),
                None => Ok(()),
            };
        };
        let Some(rest) = url.strip_prefix("postgresql://").or_else(|| url.strip_prefix("postgres://")) else {
            return Err((
                "store.url",
                "an address postgresql://user@host/database; a file goes into store.path",
            ));
        };
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
            || rest.contains("password=")
        {
            return Err((
                "store.url",
                "holds a password: put it into a file of its own, and name that by store.password",
            ));
        }
        let name = self.instance.as_deref().unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > 32 || !name.bytes().all(plain) {
            return Err((
                "store.instance",
                "goes with store.url: a name of this gatekeeper's own, of 1 to 32 small letters, digits and hyphens",
            ));
        }
        if self.max_connections < 2 {
            return Err(("store.max_connections", "must be 2 at least"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn checked(text: &str) -> Result<(), &'static str> {
        toml::from_str::<Store>(text).unwrap().check().map_err(|(key, _)| key)
    }

    #[test]
    fn store_should_be_a_file_or_a_server_with_a_name_for_each_gatekeeper() {
        assert_eq!(checked(""), Ok(()));
        assert_eq!(checked("url = 'postgresql://gate@db/medrec'\ninstance = 'a-1'\npassword = 'p'"), Ok(()));
        assert_eq!(checked("instance = 'a'"), Err("store.instance"));
        assert_eq!(checked("password = 'a'"), Err("store.password"));
        assert_eq!(checked("url = 'postgres://gate@db/medrec'"), Err("store.instance"));
        assert_eq!(checked("url = 'postgres://gate@db/medrec'\ninstance = 'A b'"), Err("store.instance"));
        assert_eq!(checked("url = 'mysql://gate@db/medrec'\ninstance = 'a'"), Err("store.url"));
        for secret in ["postgres://gate:hunter2@db/medrec", "postgres://gate@db/medrec?password=hunter2"] {
            assert_eq!(checked(&format!("url = '{secret}'\ninstance = 'a'")), Err("store.url"));
        }
    }
}
