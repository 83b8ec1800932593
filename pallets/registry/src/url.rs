//! Addresses of gatekeepers.

/// Whether this is `https://name[:port][/path]`, or `http` on a loopback host for development. No credentials, query or
/// fragment: an address is shown to people and called by programs. Nor, with `https`, the number of a machine in any notation:
/// certificates are for names, and a number may be one of the reader's own network.
pub fn is_well_formed(url: &[u8]) -> bool {
    let Ok(url) = core::str::from_utf8(url) else { return false };
    let (rest, must_be_loopback) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (_, Some(rest)) => (rest, true),
        _ => return false,
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let Some((host, port)) = split_port(authority) else { return false };
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    (if must_be_loopback { loopback } else { is_host_name(host) })
        && port.is_none_or(is_port)
        && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~%".contains(&b))
}

/// Host and port; a bracketed IPv6 address has colons of its own.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if authority.starts_with('[') {
        let (inside, after) = authority.split_once(']')?;
        // Only the loopback address is accepted in brackets, see above.
        let host = (inside == "[::1").then_some("[::1]")?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => after.is_empty().then_some((host, None)),
        };
    }
    Some(match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

/// A DNS name in lower case (RFC 1035; international names in their `xn--` form) that nobody takes for an IPv4 address. After the
/// URL Standard of WHATWG that is one whose last label is a number, decimal, octal or hexadecimal.
fn is_host_name(host: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    host.split('.').all(label) && !host.rsplit('.').next().is_some_and(is_number)
}

fn is_number(label: &str) -> bool {
    let hexadecimal =
        label.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    hexadecimal || label.bytes().all(|b| b.is_ascii_digit())
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0)
}

#[cfg(test)]
mod unit {
    use super::is_well_formed;

    #[test]
    fn url_should_be_accepted_when_https_or_loopback() {
        for url in [
            "https://gatekeeper.hillcrest.example",
            "https://hillcrest.example:8443/medrec/v1",
            "https://xn--kln-sna.example",
            "http://127.0.0.1:8080",
            "http://localhost:8080/",
            "http://[::1]:8080",
            "https://1st.hillcrest.example",
            "https://0x7f.example",
            "https://10.0.0.1.example",
            "https://hillcrest.example:443",
            "https://hillcrest.example:65535/",
        ] {
            assert!(is_well_formed(url.as_bytes()), "{url}");
        }
    }

    #[test]
    fn url_should_be_refused_when_anything_else() {
        for url in [
            "",
            "https://",
            "http://hillcrest.example",
            "ftp://hillcrest.example",
            "https://user:secret@hillcrest.example",
            "https://hillcrest.example?x=1",
            "https://hillcrest.example/#f",
            "https://hillcrest.example:0",
            "https://hillcrest.example:65536",
            "https://hillcrest.example:",
            "https://-a.example",
            "https://a..example",
            "https://Hillcrest.example",
            "https://h\u{456}llcrest.example",
            "https://k\u{f6}ln.example",
            "https://hillcrest\u{3002}example",
            "https://hill%63rest.example",
            "https://hillcrest.example\\@evil.example",
            "https://hillcrest.example@evil.example",
            "https://@hillcrest.example",
            "https://hillcrest.example:443@evil.example",
            "https://hillcrest.example:+443",
            "https://hillcrest.example:44 3",
            "https://hillcrest.example:8443:1",
            "https:///hillcrest.example",
            "https:/hillcrest.example",
            "https:hillcrest.example",
            "//hillcrest.example",
            "HTTPS://hillcrest.example",
            " https://hillcrest.example",
            "https://hillcrest.example ",
            "https://hillcrest.example/\r\nHost: evil.example",
            "https://hillcrest.example/\0",
            "https://hillcrest.example/\u{202e}",
            "https://a_b.example",
            "https://a-.example",
            "https://.example",
            "https://192.168.0.1",
            "https://169.254.169.254/latest",
            "https://0",
            "https://0.0.0.0",
            "https://255.255.255.255",
            "https://[fe80::1%25eth0]",
            "https://[fc00::1]:8443",
            "http://127.0.0.1@evil.example",
            "http://localhost.evil.example",
            "http://10.0.0.1",
            "http://0.0.0.0:8080",
            "http://[::]:8080",
            "http://[::1]:8080@evil.example",
            "https://hill crest.example",
            "http://127.0.0.1.evil.example",
            "http://[::1",
            "http://[::2]",
            "http://[::1]x",
            "https://203.0.113.7",
            "https://127.0.0.1",
            "https://10.0.0.1:8443/medrec",
            "https://[::1]",
            "https://[2001:db8::1]",
            "https://[::ffff:127.0.0.1]",
            "https://2130706433",
            "https://0x7f000001",
            "https://0x7f.1",
            "https://0x",
            "https://0177.0.0.1",
            "https://127.1",
            "https://hillcrest.example.0x1",
            "https://1.2.3.4.",
            "https://hillcrest.example.",
            "https://localhost.",
            "http://127.1",
            "http://2130706433",
            "http://0x7f000001",
            "http://[0:0:0:0:0:0:0:1]",
            "http://localhost.",
            "javascript:alert(1)",
        ] {
            assert!(!is_well_formed(url.as_bytes()), "{url}");
        }
        assert!(!is_well_formed(&[b'h', 0xff]));
    }

    #[test]
    fn url_should_be_refused_when_a_label_or_all_of_it_is_too_long() {
        let label = |length: usize| alloc::format!("https://{}.example", "a".repeat(length));
        assert!(is_well_formed(label(63).as_bytes()));
        assert!(!is_well_formed(label(64).as_bytes()));
        // The whole of it by its type.
        let url = |length: usize| medrec_primitives::GatekeeperUrl::try_from(alloc::vec![b'a'; length]);
        assert!(url(128).is_ok() && url(129).is_err());
    }
}
