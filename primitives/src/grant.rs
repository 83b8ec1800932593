//! Grants and denials.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{AccountId, GrantId, GroupId, MemberId, Moment, SealingKeyId};

/// Whom a grant or denial is about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Viewer {
    /// Whoever signs with this key.
    Key(AccountId),
    /// Active staff of this member; the sealed terms may restrict it to single persons.
    Member(#[codec(compact)] MemberId),
    /// Active staff of every member of this group.
    Group(#[codec(compact)] GroupId),
}

/// Whether a rule allows or denies.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Effect {
    /// Permits what the terms cover.
    Allow,
    /// Refuses what the terms cover, whatever any allow says.
    Deny,
}

/// Length of what [`SealedTerms`] hold, padded (bytes). One size for all, so that size tells nothing.
pub const TERMS_PLAINTEXT_BYTES: usize = 88;

/// What a rule covers, readable by the provider alone: HPKE (RFC 9180), X25519, HKDF-SHA256, ChaCha20-Poly1305.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SealedTerms {
    /// The provider's key they are sealed to.
    pub key: SealingKeyId,
    /// HPKE encapsulated key.
    pub enc: [u8; 32],
    /// Ciphertext and tag of the padded terms.
    pub ciphertext: [u8; TERMS_PLAINTEXT_BYTES + 16],
    /// BLAKE2b-256 over a salt, exported from the HPKE context, and the padded terms: who knows the salt
    /// can be shown the terms, and nobody can be shown others.
    pub commitment: [u8; 32],
}

/// The terms of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[allow(clippy::large_enum_variant)] // Almost every rule is sealed; a box would only add a pointer.
pub enum GrantTerms {
    /// All there is, for every purpose but emergency treatment: the only terms that the chain can read.
    Everything,
    /// See [`SealedTerms`].
    Sealed(SealedTerms),
}

/// A grant or denial as the chain keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Grant {
    /// Whom it is about.
    pub viewer: Viewer,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// What it covers.
    pub terms: GrantTerms,
    /// From when (ms); `None` is from the start.
    pub not_before: Option<Moment>,
    /// Until when (ms); `None` is until revoked.
    pub not_after: Option<Moment>,
    /// Whether the viewer may share onward what it was given.
    pub may_share: bool,
    /// The grant that this one was shared onward from, with which it falls.
    pub parent: Option<GrantId>,
}
