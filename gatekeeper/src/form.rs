//! `application/x-www-form-urlencoded`: queries of addresses and bodies of forms.

/// The text is not in that form, or not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Names and values in their order, decoded.
pub fn pairs(raw: &str) -> Result<Vec<(String, String)>, Malformed> {
    let parts = raw.split('&').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Ok((decode(name)?, decode(value)?))
    };
    parts.map(pair).collect()
}

/// Whether a part of an address can be decoded.
pub fn is_text(raw: &str) -> bool {
    decode(raw).is_ok()
}

fn decode(text: &str) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit =
                    || rest.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(Malformed);
                u8::try_from(digit()? * 16 + digit()?).map_err(|_| Malformed)?
            }
            byte if byte.is_ascii_graphic() => byte,
            _ => return Err(Malformed),
        });
    }
    String::from_utf8(bytes).map_err(|_| Malformed)
}

/// Adds a text in its encoded form.
pub fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'.' | b'_' | b'~' | b',' | b':' | b'/') =>
            {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// The one value of a name: `Err` if there are several, `Ok(None)` if there is none or it is empty.
pub fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, Malformed> {
    let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let first = values.next();
    match values.next() {
        Some(_) => Err(Malformed),
        None => Ok(first.filter(|value| !value.is_empty())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_should_refuse_a_name_when_it_comes_twice() {
        let found = pairs("a=1&b=&c=2&c=2").unwrap();
        assert_eq!(only(&found, "a"), Ok(Some("1")));
        assert_eq!((only(&found, "b"), only(&found, "d")), (Ok(None), Ok(None)));
        assert_eq!(only(&found, "c"), Err(Malformed));
    }

    #[test]
    fn pairs_should_be_refused_when_malformed() {
        for raw in ["a=%zz", "a=%2", "a=%ff", "a=b c", "a=\u{e9}", "a=b\n"] {
            assert_eq!(pairs(raw), Err(Malformed), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn value_should_return_unchanged_when_encoded_and_decoded(text in "\\PC{0,20}|[\\x00-\\x7f]{0,20}") {
            let mut raw = String::from("a=");
            encode(&text, &mut raw);
            prop_assert_eq!(pairs(&raw).unwrap(), [("a".to_owned(), text)]);
        }
    }
}
