//! Pages of other origins.

use serde::Deserialize;

/// Pages of other origins.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cors {
    /// Origins whose pages a browser lets read answers: scheme, host and port, as browsers spell them. None by default.
    pub origins: Vec<String>,
}

/// Scheme and authority of an address.
pub fn origin_of(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    uri.get(..scheme.len() + 3 + authority.len())
}

/// Whether a text is an origin as browsers write it in `Origin`, and one whose pages cannot be changed on their way.
pub(super) fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    let default_port = match scheme {
        "https" => ":443",
        "http" if is_loopback(authority) => ":80",
        _ => return false,
    };
    !authority.is_empty() && authority.bytes().all(plain) && !authority.ends_with(default_port)
}

/// Whether a host, with or without a port, is this machine.
pub(super) fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
