//! Terms in the fixed number of bytes in which they are sealed.

use alloc::{string::String, string::ToString, vec::Vec};
use core::fmt;

use medrec_primitives::TERMS_PLAINTEXT_BYTES;

use super::{dictionary, Terms};
use crate::error::ParseError;

/// The terms need more bytes than a sealed rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackError {
    /// How many bytes they would need.
    pub needed: usize,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed } = self;
        write!(
            f,
            "the terms need {needed} bytes packed, and a sealed rule holds {TERMS_PLAINTEXT_BYTES}: make two grants, each with some of the scopes or codes"
        )
    }
}

impl core::error::Error for PackError {}

/// Why bytes are not packed terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnpackError {
    /// Packed with a dictionary that we do not have.
    Version(u8),
    /// The text inside is not canonical.
    Text(ParseError),
    /// The same terms are packed in another way.
    NotCanonical,
}

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => {
                write!(f, "the terms are packed by version {version}, which is unknown here")
            }
            Self::Text(error) => write!(f, "the terms are not canonical: {error}"),
            Self::NotCanonical => f.write_str("the terms are not packed as they should be"),
        }
    }
}

impl core::error::Error for UnpackError {}

impl Terms {
    /// The terms in the bytes that are sealed: a version, the text with frequent words as single bytes, zeros.
    pub fn pack(&self) -> Result<[u8; TERMS_PLAINTEXT_BYTES], PackError> {
        let mut packed = pack_text(&self.to_string());
        let refuse = PackError { needed: packed.len() };
        if packed.len() > TERMS_PLAINTEXT_BYTES {
            return Err(refuse);
        }
        packed.resize(TERMS_PLAINTEXT_BYTES, 0);
        packed.try_into().map_err(|_| refuse)
    }

    /// The terms in `packed`; refused unless [`Terms::pack`] gives exactly these bytes.
    pub fn unpack(packed: &[u8; TERMS_PLAINTEXT_BYTES]) -> Result<Self, UnpackError> {
        let [version, body @ ..] = packed;
        if *version != dictionary::VERSION {
            return Err(UnpackError::Version(*version));
        }
        // Zeros before the last other byte become characters that no text may hold.
        let padding = body.iter().rev().take_while(|byte| **byte == 0).count();
        let mut text = String::new();
        for byte in body.iter().take(body.len().saturating_sub(padding)) {
            match word(*byte) {
                Some(word) => text.push_str(word),
                None => text.push(char::from(*byte)),
            }
        }
        let terms: Self = text.parse().map_err(UnpackError::Text)?;
        if terms.pack().as_ref() == Ok(packed) {
            Ok(terms)
        } else {
            Err(UnpackError::NotCanonical)
        }
    }
}

/// The version, and `text` with the longest words that fit, from left to right. Texts of terms are ASCII.
fn pack_text(text: &str) -> Vec<u8> {
    let mut packed = Vec::with_capacity(TERMS_PLAINTEXT_BYTES);
    packed.push(dictionary::VERSION);
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let longest = (dictionary::FIRST..=u8::MAX)
            .zip(dictionary::WORDS)
            .filter_map(|(byte, word)| Some((byte, rest.strip_prefix(word)?)))
            .min_by_key(|(_, left)| left.len());
        let (byte, left) = longest.unwrap_or((first, rest.get(1..).unwrap_or_default()));
        packed.push(byte);
        rest = left;
    }
    packed
}

/// The word of a byte, if it is one.
fn word(byte: u8) -> Option<&'static str> {
    let place = byte.checked_sub(dictionary::FIRST)?;
    dictionary::WORDS.get(usize::from(place)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{purpose::Purpose, resource::ResourceType, scope::Scope, testing::terms};
    use proptest::{collection::vec, prelude::*};

    fn terms_of(text: &str) -> Terms {
        text.parse().unwrap()
    }

    fn packed_len(text: &str) -> usize {
        pack_text(&terms_of(text).to_string()).len()
    }

    /// What was sealed must open for ever: this may never change for this version.
    #[test]
    fn pack_should_give_the_frozen_bytes() {
        let text = "patient/Observation.rs?category=laboratory&_elements=code,valueQuantity;purpose=TREAT;period=2020-01-01..;staff=s3-4";
        let frozen = [
            1, 128, 185, 130, 132, 195, 138, 207, 44, 244, 139, 255, 140, 50, 48, 50, 48, 142, 46, 46, 141,
            51, 45, 52,
        ];
        let mut expected = [0; TERMS_PLAINTEXT_BYTES];
        expected[..frozen.len()].copy_from_slice(&frozen);
        assert_eq!(terms_of(text).pack(), Ok(expected));
        assert_eq!(Terms::unpack(&expected), Ok(terms_of(text)));
    }

    #[test]
    fn dictionary_should_be_the_frozen_one() {
        let joined = dictionary::WORDS.join("\n");
        // FNV-1a, 64 bits.
        let digest = joined.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!(digest, 0xf633_3eb4_1015_674e, "{digest:#x}");
    }

    #[test]
    fn dictionary_should_hold_no_word_twice_and_only_ascii() {
        let mut words = dictionary::WORDS.to_vec();
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(words.iter().all(|word| word.len() > 1 && word.is_ascii()));
    }

    #[test]
    fn dictionary_should_name_only_types_and_purposes_that_exist() {
        // Words that begin like a type and are parts of several.
        for word in
            dictionary::WORDS.iter().filter(|word| word.starts_with(|first: char| first.is_ascii_uppercase()))
        {
            let purpose = word.parse::<Purpose>().is_ok();
            assert!(purpose || ResourceType::named(word).is_some() || *word == "Request", "{word}");
        }
    }

    #[test]
    fn pack_should_be_short_when_terms_are_ordinary() {
        for (text, most) in [
            ("patient/*.rs;purpose=TREAT", 6),
            ("patient/Observation.rs?category=laboratory&_elements=code,valueQuantity;purpose=TREAT", 12),
            ("patient/Observation.rs?code=http://loinc.org|4548-4&_elements=code,effectiveDateTime,status,subject,valueQuantity;purpose=COC,TREAT;period=2020-01-01..;staff=s3-4,s3-17", 45),
            ("patient/AllergyIntolerance.rs patient/Condition.rs patient/Encounter.rs patient/Immunization.rs patient/MedicationRequest.rs patient/Observation.rs patient/Patient.rs patient/Procedure.rs;purpose=TREAT", 28),
            ("patient/Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item&_security=http://terminology.hl7.org/CodeSystem/v3-ActCode|ETH", 18),
        ] {
            assert!(packed_len(text) <= most, "{} for {text}", packed_len(text));
        }
    }

    #[test]
    fn pack_should_fit_every_type_with_every_action() {
        for resource in ResourceType::all() {
            let text = ["patient/", resource.name(), ".cruds;purpose=TREAT"].concat();
            assert!(terms_of(&text).pack().is_ok(), "{text}");
        }
    }

    #[test]
    fn pack_should_refuse_with_advice_when_terms_do_not_fit() {
        let codes = (0..20).map(|code| (10_000 + code).to_string().parse().unwrap());
        let scope = "patient/Observation.rs".parse::<Scope>().unwrap().with_codes(codes);
        let error = Terms::new([scope], [Purpose::Treatment], None, []).unwrap().pack().unwrap_err();
        assert!(error.needed > TERMS_PLAINTEXT_BYTES);
        assert!(error.to_string().contains("make two grants"));
    }

    #[test]
    fn pack_should_fill_every_byte_when_terms_just_fit() {
        let scope = |length: usize| {
            let scope = "patient/Observation.rs".parse::<Scope>().unwrap();
            Terms::new([scope.with_codes(["1".repeat(length).parse().unwrap()])], [], None, []).unwrap()
        };
        // Version, `patient/`, type, actions and `?code=` take a byte each.
        let full = scope(TERMS_PLAINTEXT_BYTES - 5);
        assert_eq!(Terms::unpack(&full.pack().unwrap()), Ok(full));
        assert_eq!(
            scope(TERMS_PLAINTEXT_BYTES - 4).pack(),
            Err(PackError { needed: TERMS_PLAINTEXT_BYTES + 1 })
        );
    }

    #[test]
    fn unpack_should_refuse_what_pack_does_not_give() {
        let packed = terms_of("patient/Observation.rs;purpose=TREAT").pack().unwrap();
        let changed = |place: usize, byte: u8| {
            let mut packed = packed;
            packed[place] = byte;
            Terms::unpack(&packed)
        };
        assert_eq!(changed(0, 0), Err(UnpackError::Version(0)));
        assert_eq!(changed(0, 2), Err(UnpackError::Version(2)));
        assert!(matches!(changed(1, 0), Err(UnpackError::Text(ParseError::Prefix(_)))));
        assert!(matches!(changed(TERMS_PLAINTEXT_BYTES - 1, b' '), Err(UnpackError::Text(_))));
        assert!(Terms::unpack(&[dictionary::VERSION; TERMS_PLAINTEXT_BYTES]).is_err());

        let mut spelled = [0; TERMS_PLAINTEXT_BYTES];
        let text = b"\x01patient/Observation.rs;purpose=TREAT";
        spelled[..text.len()].copy_from_slice(text);
        assert_eq!(Terms::unpack(&spelled), Err(UnpackError::NotCanonical));
    }

    proptest! {
        #[test]
        fn terms_should_return_unchanged_when_packed_and_unpacked(terms in terms()) {
            match terms.pack() {
                Ok(packed) => prop_assert_eq!(Terms::unpack(&packed), Ok(terms)),
                Err(error) => prop_assert!(error.needed > TERMS_PLAINTEXT_BYTES),
            }
        }

        #[test]
        fn unpack_should_accept_only_what_pack_gives_when_bytes_are_arbitrary(
            version in 0..3u8, words in vec(any::<u8>(), 0..12),
        ) {
            let mut packed = [0; TERMS_PLAINTEXT_BYTES];
            packed[0] = version;
            packed[1..=words.len()].copy_from_slice(&words);
            if let Ok(terms) = Terms::unpack(&packed) {
                prop_assert_eq!(terms.pack(), Ok(packed));
            }
        }

        #[test]
        fn unpack_should_accept_only_what_pack_gives_when_some_bytes_are_changed(
            terms in terms(), place in 0..TERMS_PLAINTEXT_BYTES, byte: u8,
        ) {
            if let Ok(mut packed) = terms.pack() {
                packed[place] = byte;
                if let Ok(terms) = Terms::unpack(&packed) {
                    prop_assert_eq!(terms.pack(), Ok(packed));
                }
            }
        }
    }
}
