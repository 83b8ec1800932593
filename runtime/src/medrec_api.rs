//! What clients ask of the chain, by `state_call`.

use alloc::vec::Vec;

use medrec_primitives::{
    AccessRequest, AccountId, Anchor, DecisionSummary, Facts, Glass, GlassId, GlassReview, GrantFacts,
    GroupId, Member, MemberId, Receipt, RelationshipId, RelationshipStatus, RequestId, SealingKey,
    SealingKeyId,
};

sp_api::decl_runtime_apis! {
    /// What gatekeepers, portals and other clients read from the chain.
    ///
    /// Every answer is about the state of the block that is asked. Calls that find nothing answer `None` or an empty
    /// list. A call that gains a parameter or a field gets a new version of this interface.
    #[api_version(1)]
    pub trait MedRecApi {
        /// All that the decision function needs to know of this viewer and this relationship.
        ///
        /// `None` if there is no such relationship.
        fn facts(relationship: RelationshipId, viewer: AccountId) -> Option<Facts>;

        /// What the chain alone can say of: may this viewer read something of this relationship, now, for some purpose
        /// other than emergency treatment? It cannot open sealed terms; where they decide, the answer is
        /// `NeedsOpening`, and the provider's gatekeeper knows.
        fn may_read(relationship: RelationshipId, viewer: AccountId) -> DecisionSummary;

        /// The relationships in which this account is the patient or a custodian: one at most, since no key is used twice.
        /// `relationship` says which of the two.
        fn my_relationships(account: AccountId) -> Vec<(RelationshipId, RelationshipStatus)>;

        /// The patient's account and the status of a relationship.
        fn relationship(relationship: RelationshipId) -> Option<(AccountId, RelationshipStatus)>;

        /// A member of the consortium, applicants and former members included.
        fn member(member: MemberId) -> Option<Member>;

        /// Up to `count` members from `start` on, ascending; at most 100 at a time. Fewer only at the end, whoever withdrew
        /// in between.
        fn members(start: MemberId, count: u32) -> Vec<(MemberId, Member)>;

        /// All sealing keys of a member, past ones among them, ascending. Seal to the last.
        fn sealing_keys(member: MemberId) -> Vec<(SealingKeyId, SealingKey)>;

        /// The member whose account or gatekeeper key this is.
        fn member_of(account: AccountId) -> Option<MemberId>;

        /// All rules of a relationship, ascending.
        fn rules(relationship: RelationshipId) -> Vec<GrantFacts>;

        /// The broken glasses of a relationship. Expired ones stay a while; their dates say so.
        fn glasses(relationship: RelationshipId) -> Vec<Glass>;

        /// Up to `count` breaks by staff of `member` that wait for the consortium's review, ascending from `start`; at most
        /// 100 at a time.
        fn open_reviews(member: MemberId, start: u32, count: u32) -> Vec<(GlassId, GlassReview)>;

        /// Up to `count` members of a group, at most 100 at a time: those that follow `after`, or the first ones. In no
        /// particular order; ask again with the last one until nothing comes.
        fn group_members(group: GroupId, after: Option<MemberId>, count: u32) -> Vec<MemberId>;

        /// A request that is open. Its own expiry says until when it counts.
        fn request(request: RequestId) -> Option<AccessRequest>;

        /// How a request ended, for as long as that is kept.
        fn receipt(request: RequestId) -> Option<Receipt>;

        /// Up to `count` open requests to a member, at most 100 at a time: those that follow index `after`, or the first
        /// ones. In no particular order; ask again with the last one until nothing comes.
        fn open_requests(member: MemberId, after: Option<u32>, count: u32) -> Vec<(RequestId, AccessRequest)>;

        /// The open requests of an asker.
        fn requests_of(asker: AccountId) -> Vec<(RequestId, AccessRequest)>;

        /// The open requests for a relationship.
        fn requests_at(relationship: RelationshipId) -> Vec<(RequestId, AccessRequest)>;

        /// A member's latest anchor.
        fn latest_anchor(member: MemberId) -> Option<Anchor>;

        /// A member's anchor of an interval, for as long as it is kept.
        fn anchor(member: MemberId, interval: u32) -> Option<Anchor>;
    }
}
