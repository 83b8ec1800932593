//! Names of members and their normal form.
//!
//! Two names that a hurried reader could take for each other have the same normal form: it ignores case, spaces and
//! punctuation, and folds the ASCII look-alikes `0`/`o`, `1`/`i`/`l`, `5`/`s`, `rn`/`m`, `vv`/`w` and `cl`/`d` (after the ASCII
//! part of the confusables of Unicode Technical Standard 39).

use medrec_primitives::MemberName;

/// Whether every byte may stand in a name, and the name starts with a letter or digit.
pub fn is_well_formed(name: &[u8]) -> bool {
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || b" .,&'()-".contains(b);
    name.first().is_some_and(u8::is_ascii_alphanumeric)
        && name.last().is_some_and(|b| *b != b' ')
        && name.iter().all(allowed)
}

/// The normal form under which a name is unique; never longer than the name.
pub fn normal_form(name: &[u8]) -> MemberName {
    let mut normal = MemberName::default();
    for byte in name.iter().filter(|b| b.is_ascii_alphanumeric()) {
        let folded = match byte.to_ascii_lowercase() {
            b'0' => b'o',
            b'1' | b'i' => b'l',
            b'5' => b's',
            other => other,
        };
        let pair = match (normal.last(), folded) {
            (Some(b'r'), b'n') => Some(b'm'),
            (Some(b'v'), b'v') => Some(b'w'),
            (Some(b'c'), b'l') => Some(b'd'),
            _ => None,
        };
        match (normal.last_mut(), pair) {
            (Some(last), Some(one)) => *last = one,
            // The input is at most as long as the bound, so that this cannot fail; if it did, the normal
            // form would be shorter and so refuse more names, not fewer.
            _ => drop(normal.try_push(folded)),
        }
    }
    normal
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn name_should_be_refused_when_it_has_other_characters() {
        for name in [
            "",
            " ",
            "-",
            " Hill",
            "Hill ",
            "Hill\nCrest",
            "Hill\tCrest",
            "Hill\0",
            "Hôpital",
            "Ho\u{302}pital",
            "Hill\u{202e}",
            "<b>",
            "(Hill)",
            "Hill_Crest",
            "Hill|crest",
            "H\u{456}llcrest",
            "Η\u{131}llcrest",
            "\u{ff28}\u{ff49}\u{ff4c}\u{ff4c}",
            "\u{1d407}ill",
            "Hill\u{200b}crest",
            "Hill\u{200d}crest",
            "\u{feff}Hill",
            "Hill\u{ad}crest",
            "Hill\u{a0}crest",
            "\u{fb01}eld",
            "ẞild",
        ] {
            assert!(!is_well_formed(name.as_bytes()), "{name:?}");
        }
        for other in 0x80..=u8::MAX {
            assert!(!is_well_formed(&[b'H', other]), "{other}");
        }
        for name in ["Hillcrest", "St. Mary's (North)", "1st Clinic", "A & B, Inc."] {
            assert!(is_well_formed(name.as_bytes()), "{name:?}");
        }
    }

    #[test]
    fn normal_form_should_be_the_same_when_names_look_alike() {
        for (one, other) in [
            ("Hillcrest", "HILL CREST"),
            ("Hillcrest", "Hi11crest"),
            ("Modern Clinic", "Modem Clinic"),
            ("Woods", "VV00d5"),
            ("Eldad Clinic", "E1dad Dinic"),
            ("Care of Clare", "Care of dare"),
            ("St. Mary's (North)", "ST MARYS NORTH"),
            ("A & B, Inc.", "ab-inc"),
            ("Arrnada", "Armada"),
            ("vvvv", "ww"),
        ] {
            assert_eq!(normal_form(one.as_bytes()), normal_form(other.as_bytes()), "{one} {other}");
        }
        assert_ne!(normal_form(b"Hillcrest"), normal_form(b"Hillcrust"));
    }
}
