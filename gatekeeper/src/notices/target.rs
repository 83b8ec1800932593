//! Addresses that webhooks may go to.
//!
//! A gatekeeper stands in a hospital's network: who could make it send requests to addresses in there would reach what nobody else
//! outside does. So a name is resolved here, every address that it has must be a public one, and the connection goes to the
//! address that was checked and nowhere else: no second look-up, no proxy, no redirect.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use reqwest::Url;

/// The longest address that is taken.
const LONGEST: usize = 1024;

/// How long a name may take to be resolved.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a webhook cannot go there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is no address, or no safe one.
    #[error("write https://host/path, with a port where needed, without user, password and fragment, 1024 characters at most")]
    Malformed,
    /// It has no address.
    #[error("the name of the host cannot be resolved")]
    Unresolved,
    /// It is in a private network, or another that is nobody's on the internet.
    #[error("the host has an address that is not a public one")]
    NotPublic,
}

/// Where a webhook goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: Url,
    host: String,
    port: u16,
    loopback: bool,
}

impl Target {
    /// Reads an address. `loopback`: whether this machine counts, also without TLS, as in development.
    pub fn parse(text: &str, loopback: bool) -> Result<Self, TargetError> {
        if text.len() > LONGEST || text.contains(char::is_whitespace) || text.contains(char::is_control) {
            return Err(TargetError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| TargetError::Malformed)?;
        let plain = url.scheme() == "http" && loopback;
        let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !(url.scheme() == "https" || plain) || !bare {
            return Err(TargetError::Malformed);
        }
        let host = url.host_str().ok_or(TargetError::Malformed)?.to_owned();
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or(TargetError::Malformed)?;
        let target = Self { url, host, port, loopback };
        // Told at once where no name has to be resolved.
        match target.literal() {
            Some(address) if !target.may_be(address) => Err(TargetError::NotPublic),
            _ => Ok(target),
        }
    }

    /// The address as a request takes it.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The host's name, or its address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// An address to connect to, if every address of the host is one that a webhook may go to.
    pub async fn resolve(&self) -> Result<SocketAddr, TargetError> {
        if let Some(address) = self.literal() {
            return self.checked([SocketAddr::new(address, self.port)]);
        }
        let found = tokio::net::lookup_host((self.host.as_str(), self.port));
        match tokio::time::timeout(PATIENCE, found).await {
            Ok(Ok(addresses)) => self.checked(addresses),
            Ok(Err(_)) | Err(_) => Err(TargetError::Unresolved),
        }
    }

    fn checked(&self, addresses: impl IntoIterator<Item = SocketAddr>) -> Result<SocketAddr, TargetError> {
        let mut first = None;
        for address in addresses {
            // One that is not public is enough: the others may only be there to get it past.
            if !self.may_be(address.ip()) {
                return Err(TargetError::NotPublic);
            }
            first = first.or(Some(address));
        }
        first.ok_or(TargetError::Unresolved)
    }

    fn may_be(&self, address: IpAddr) -> bool {
        is_public(address) || (self.loopback && address.to_canonical().is_loopback())
    }

    fn literal(&self) -> Option<IpAddr> {
        let host = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host);
        host.parse().ok()
    }
}

/// Whether an address is a public one, of one host.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By IANA's registry of special-purpose addresses, with multicast and what clouds serve their machines' secrets at.
fn is_public_v4(address: Ipv4Addr) -> bool {
    /// Network and length of its prefix.
    const SPECIAL: [(u32, u32); 16] = [
        (0x0000_0000, 8),  // this network
        (0x0a00_0000, 8),  // private
        (0x6440_0000, 10), // shared by providers (CGNAT)
        (0x7f00_0000, 8),  // loopback
        (0xa83f_8110, 32), // Azure's platform, 168.63.129.16
        (0xa9fe_0000, 16), // link-local; metadata of most clouds
        (0xac10_0000, 12), // private
        (0xc000_0000, 24), // protocol assignments
        (0xc000_0200, 24), // documentation
        (0xc058_6300, 24), // 6to4 relays
        (0xc0a8_0000, 16), // private
        (0xc612_0000, 15), // benchmarks
        (0xc633_6400, 24), // documentation
        (0xcb00_7100, 24), // documentation
        (0xe000_0000, 4),  // multicast
        (0xf000_0000, 4),  // reserved, broadcast
    ];
    let bits = u32::from(address);
    !SPECIAL.iter().any(|(network, length)| (bits ^ network) >> (32 - length) == 0)
}

/// Global unicast (2000::/3) without what in there leads elsewhere. Mapped and translated IPv4 addresses, unique local and link-local ones
/// and loopback are outside of it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let global = segments[0] & 0xe000 == 0x2000;
    let protocol = segments[0] == 0x2001 && segments[1] < 0x0200; // Teredo, ORCHID, benchmarks
    let documentation =
        (segments[0] == 0x2001 && segments[1] == 0x0db8) || (segments[0] == 0x3fff && segments[1] < 0x1000);
    let six_to_four = segments[0] == 0x2002;
    global && !protocol && !documentation && !six_to_four
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn address_should_be_refused_when_it_is_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    proptest! {
        #[test]
        fn address_should_be_refused_when_the_standard_library_knows_it_as_special(bits: u32) {
            let address = Ipv4Addr::from(bits);
            if address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
                || address.is_unspecified() || address.is_broadcast() || address.is_documentation() {
                prop_assert!(!is_public(address.into()));
            }
            prop_assert!(!is_public(address.to_ipv6_mapped().into()));
        }
    }

    #[test]
    fn target_should_be_refused_when_it_is_odd() {
        for odd in [
            "",
            "a.example",
            "http://a.example/",
            "ftp://a.example/",
            "file:///etc/passwd",
            "https://",
            "https://user@a.example/",
            "https://user:password@a.example/",
            "https://a.example/#x",
            "https://a.example:0/",
            "https://a.example/ b",
            "https://a.example/\nHost: b",
        ] {
            assert_eq!(Target::parse(odd, false), Err(TargetError::Malformed), "{odd:?}");
        }
        assert_eq!(
            Target::parse(&format!("https://a.example/{}", "x".repeat(1024)), false),
            Err(TargetError::Malformed)
        );
        assert!(Target::parse("https://a.example:8443/hook?key=1", false).is_ok());
    }

    #[test]
    fn target_should_be_refused_when_it_spells_a_private_address_in_another_way() {
        for spelled in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/latest/meta-data/",
        ] {
            assert_eq!(Target::parse(spelled, false), Err(TargetError::NotPublic), "{spelled}");
        }
    }

    #[tokio::test]
    async fn target_should_be_refused_when_any_of_its_addresses_is_private() {
        let target = Target::parse("https://a.example/", false).unwrap();
        let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 443);
        assert_eq!(target.checked([address("8.8.8.8")]), Ok(address("8.8.8.8")));
        assert_eq!(target.checked([address("8.8.8.8"), address("10.0.0.1")]), Err(TargetError::NotPublic));
        assert_eq!(target.checked([address("127.0.0.1")]), Err(TargetError::NotPublic));
        assert_eq!(target.checked([]), Err(TargetError::Unresolved));
        // A name of this machine, as hosts files have it.
        let local = Target::parse("https://localhost/", false).unwrap();
        assert_eq!(local.resolve().await, Err(TargetError::NotPublic));
    }

    #[tokio::test]
    async fn loopback_should_be_allowed_when_the_configuration_says_so_and_nothing_else() {
        let target = Target::parse("http://127.0.0.1:9/hook", true).unwrap();
        assert_eq!(target.resolve().await, Ok("127.0.0.1:9".parse().unwrap()));
        assert!(Target::parse("http://[::1]:9/hook", true).is_ok());
        assert_eq!(Target::parse("https://10.0.0.1/", true), Err(TargetError::NotPublic));
        let named = Target::parse("https://a.example/", true).unwrap();
        assert_eq!(named.checked(["10.0.0.1:1".parse().unwrap()]), Err(TargetError::NotPublic));
    }
}
