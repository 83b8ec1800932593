//! Identifiers. The chain hands them out in sequence and never twice.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A member of the consortium: provider, researcher or owner of a group.
pub type MemberId = u32;

/// A group of members, such as all emergency rooms of a country.
pub type GroupId = u32;

/// A grant or denial within its relationship.
pub type GrantId = u32;

/// Which of a member's X25519 sealing keys something was sealed to.
pub type SealingKeyId = u8;

/// Defines a pair of a member and an index, and how it is printed and parsed: after a letter.
macro_rules! id {
    (
        $(#[$doc:meta])*
        $type:ident, $letter:literal,
        $(#[$member:meta])* member,
        $(#[$index:meta])* index
    ) => {
        $(#[$doc])*
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            Encode,
            Decode,
            DecodeWithMemTracking,
            MaxEncodedLen,
            TypeInfo,
        )]
        pub struct $type {
            $(#[$member])*
            #[codec(compact)]
            pub member: MemberId,
            $(#[$index])*
            #[codec(compact)]
            pub index: u32,
        }

        impl $type {
            /// The one with this index at this member.
            pub const fn new(member: MemberId, index: u32) -> Self {
                Self { member, index }
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!($letter, "{}-{}"), self.member, self.index)
            }
        }

        impl core::str::FromStr for $type {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let (member, index) =
                    text.strip_prefix($letter).and_then(|rest| rest.split_once('-')).ok_or(ParseIdError)?;
                Ok(Self { member: number(member)?, index: number(index)? })
            }
        }
    };
}

id!(
    /// A relationship between one patient and one provider.
    ///
    /// Encoded with compact integers: two bytes for the first 64 relationships of the first 64 providers.
    RelationshipId, "r",
    /// The provider.
    member,
    /// Counts the provider's relationships from 0.
    index
);

id!(
    /// A person on a member's staff; the chain knows no name.
    StaffId, "s",
    /// The member whose staff this is.
    member,
    /// Counts the member's staff from 0.
    index
);

id!(
    /// One break of the glass; counted by the member whose staff broke it.
    GlassId, "g",
    /// The member whose staff broke it.
    member,
    /// Counts the breaks by the member's staff from 0.
    index
);

id!(
    /// A request for one relationship's records, made on chain.
    RequestId, "q",
    /// The provider that is asked.
    member,
    /// Counts the requests to this provider from 0.
    index
);

/// The text is not an identifier: `r3-17` is a relationship, `s3-4` a person on a member's staff, `g3-0` a broken glass,
/// `q3-5` a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseIdError;

impl core::fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(
            "not an identifier; write r<member>-<index> for a relationship, s<member>-<index> for staff, \
             g<member>-<index> for a broken glass, q<member>-<index> for a request",
        )
    }
}

impl core::error::Error for ParseIdError {}

/// Digits only and no leading zero, so that one identifier has one text.
fn number(text: &str) -> Result<u32, ParseIdError> {
    let canonical = text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    if canonical {
        text.parse().map_err(|_| ParseIdError)
    } else {
        Err(ParseIdError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relationship_id_should_return_unchanged_when_printed_and_parsed() {
        let id = RelationshipId::new(3, 17);
        assert_eq!(id.to_string(), "r3-17");
        assert_eq!("r3-17".parse(), Ok(id));
    }

    #[test]
    fn relationship_id_should_be_refused_when_not_canonical() {
        for text in
            ["", "r", "r1", "r1-", "r-1", "r01-2", "r1-02", "r+1-2", "s1-2", "r1-2-3", "r4294967296-0"]
        {
            assert_eq!(text.parse::<RelationshipId>(), Err(ParseIdError), "{text}");
        }
    }

    #[test]
    fn relationship_id_should_take_two_bytes_when_small() {
        assert_eq!(RelationshipId::new(63, 63).encode().len(), 2);
    }
}
