use proptest::prelude::*;

use crate::text::{
    account, hex_array, is_base_url, is_line, number, parse_rfc3339, percent_decode, percent_encode, rfc3339,
};

#[test]
fn time_should_return_unchanged_when_printed_and_parsed() {
    assert_eq!(rfc3339(0).unwrap(), "1970-01-01T00:00:00.000Z");
    assert_eq!(rfc3339(1_795_359_845_678).unwrap(), "2026-11-22T15:04:05.678Z");
    assert_eq!(rfc3339(253_402_300_799_999).unwrap(), "9999-12-31T23:59:59.999Z");
    assert_eq!(rfc3339(253_402_300_800_000), None);
    assert_eq!(rfc3339(u64::MAX), None);
    for text in
        ["1969-12-31T23:59:59.999Z", "2026-02-29T00:00:00.000Z", "2026-11-22t15:04:05.678z", "2026-11-22"]
    {
        assert_eq!(parse_rfc3339(text), None, "{text}");
    }
}

#[test]
fn base_url_should_be_refused_when_in_another_spelling() {
    for url in ["https://a.example", "http://127.0.0.1:8080", "https://a.example/medrec/v1", "http://[::1]:1"]
    {
        assert!(is_base_url(url), "{url}");
    }
    for url in [
        "",
        "https://",
        "https:///x",
        "https://a.example/",
        "ftp://a.example",
        "https://a b",
        "https://a\n",
        "https://a?x",
        "https://a#x",
        "https://u@a",
        "HTTPS://a",
        "https://\u{e4}",
    ] {
        assert!(!is_base_url(url), "{url}");
    }
}

#[test]
fn account_should_be_refused_when_under_another_prefix() {
    assert!(account(crate::tests::ALICE).is_some());
    assert!(account("15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5").is_none());
    assert!(account("0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d").is_none());
}

#[test]
fn hex_should_be_refused_when_long_short_or_upper_case() {
    assert_eq!(hex_array::<2>("00ff"), Some([0, 255]));
    for text in ["", "00f", "00fff", "00FF", "0x00", "00fg", "0ä"] {
        assert_eq!(hex_array::<2>(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn time_should_be_read_back_when_within_the_calendar(moment in 0u64..253_402_300_800_000) {
        prop_assert_eq!(parse_rfc3339(&rfc3339(moment).unwrap()), Some(moment));
    }

    #[test]
    fn percent_encoding_should_be_read_back_when_of_any_text(text in "(?s).{0,60}") {
        let encoded = percent_encode(&text);
        prop_assert!(is_line(&encoded) && !encoded.contains([':', '/', ' ', '"']));
        prop_assert_eq!(percent_decode(&encoded), Some(text));
    }

    #[test]
    fn percent_decoding_should_be_canonical_when_it_succeeds(text in "[%0-9A-Fa-f+g~]{0,12}") {
        if let Some(decoded) = percent_decode(&text) {
            prop_assert_eq!(percent_encode(&decoded), text);
        }
    }

    #[test]
    fn number_should_be_canonical_when_it_succeeds(text in "[+-]?[0-9]{0,12}") {
        if let Some(n) = number::<u32>(&text) {
            prop_assert_eq!(n.to_string(), text);
        }
    }
}
