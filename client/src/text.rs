//! Small pieces of text that several formats share. One meaning has one spelling in all of them.

use medrec_primitives::{AccountId, Moment};
use sp_core::crypto::Ss58Codec;

/// Hexadecimal digits after `0x`.
pub(crate) fn hex0x(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// `N` bytes from exactly 2 `N` lower-case hexadecimal digits.
pub(crate) fn hex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let mut bytes = [0; N];
    (lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

/// An account from its address, in the one spelling that this crate prints.
pub(crate) fn account(text: &str) -> Option<AccountId> {
    let account = AccountId::from_ss58check(text).ok()?;
    (account.to_ss58check() == text).then_some(account)
}

/// A decimal number without sign or leading zeros.
pub(crate) fn number<T: core::str::FromStr + core::fmt::Display>(text: &str) -> Option<T> {
    text.parse::<T>().ok().filter(|n| n.to_string() == text)
}

/// A time as `2026-11-22T15:04:05.000Z`, or nothing where it lies beyond the calendar's end.
pub(crate) fn rfc3339(moment: Moment) -> Option<String> {
    let time = chrono::DateTime::from_timestamp_millis(i64::try_from(moment).ok()?)?;
    let text = time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    // Years beyond 9999 would be written with a sign.
    (text.len() == 24).then_some(text)
}

/// The time that [`rfc3339`] writes so.
pub(crate) fn parse_rfc3339(text: &str) -> Option<Moment> {
    let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    let moment = Moment::try_from(time.timestamp_millis()).ok()?;
    (rfc3339(moment).as_deref() == Some(text)).then_some(moment)
}

/// Every byte but RFC 3986's unreserved ones as `%` and two upper-case digits.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The text that [`percent_encode`] writes so.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(core::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let decoded = String::from_utf8(bytes).ok()?;
    (percent_encode(&decoded) == text).then_some(decoded)
}

/// Whether `text` is a web address as a gatekeeper is named by: scheme and host, a path where it has one, and
/// no slash at the end. Such texts are compared byte by byte, so there is one spelling.
pub(crate) fn is_base_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.ends_with('/'))
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}?#@".contains(&b))
}

/// Whether every character prints on one line of ASCII.
pub(crate) fn is_line(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
}
