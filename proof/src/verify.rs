//! Checks a proof against a resource. Pure: what must be asked of the chain is handed back as a [`Claim`].

use medrec_primitives::{merkle, MemberId, RelationshipId};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    canonical,
    commit::lexical,
    disclose::{sorted, Anchored, Opening, Pending, Proof, ShownLeaf, State, Way},
    place,
    shape::{is_added_item, is_added_whole, shape, Shape},
    tree::{self, Hash, Says, DEPTH},
};

/// Something was altered, or was never what it claims to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Altered {
    /// Not JSON at all.
    #[error("altered: not JSON")]
    NotJson,
    /// JSON in another spelling than gatekeepers write.
    #[error("altered, or written anew: not byte for byte as the gatekeeper wrote it")]
    Spelling,
    /// A proof of another form.
    #[error("altered: not a proof of this form")]
    Form,
    /// An element is not what the proof is about.
    #[error("altered: the proof does not say what stands at {0}")]
    Element(String),
    /// An element does not lead to the root to which the others lead.
    #[error("altered: what stands at {0} is not of the same version of the record")]
    Root(String),
    /// The proof speaks of more than is shown.
    #[error("altered: the proof speaks of elements that are not shown")]
    Left,
    /// The resource is not the one that the proof names.
    #[error("altered: the proof is about another resource")]
    OtherResource,
    /// The record's root does not lead to a root of the relationship that the resource belongs to.
    #[error("altered: the record is not of the relationship that the proof names")]
    OtherRelationship,
    /// The record's root does not lead to the root that is said to be on chain.
    #[error("altered: the record is not under the root that the proof names")]
    Way,
    /// The answer's resources and proofs are not as many, or not of the same.
    #[error("altered: not every resource of the answer has its proof")]
    Unproven,
}

/// What has to be true for a proof to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The chain has this root for the records of this member in this interval.
    Anchored {
        /// Whose anchor.
        member: MemberId,
        /// Of which interval.
        interval: u32,
        /// What `Anchor::records` must be.
        records: [u8; 32],
    },
    /// The gatekeeper that the chain names for the member signed this.
    Pending {
        /// What it says.
        pending: Pending,
        /// The text that must be signed.
        message: String,
    },
}

/// Checks a resource, as the text that the gatekeeper wrote, against its proof.
pub fn check_text(resource: &str, proof: &str) -> Result<Claim, Altered> {
    check(&canonical::parse(resource)?, &Proof::parse(proof)?)
}

/// Checks a resource against its proof.
pub fn check(resource: &Value, proof: &Proof) -> Result<Claim, Altered> {
    let root = record_root(resource, proof)?;
    match &proof.state {
        State::Pending(pending) => {
            Ok(Claim::Pending { pending: pending.clone(), message: pending.message(&root) })
        }
        State::Anchored(anchored) => {
            let relationship = relationship_of(&proof.resource).ok_or(Altered::OtherRelationship)?;
            if anchored.relationship != relationship.to_string() || anchored.member != relationship.member {
                return Err(Altered::OtherRelationship);
            }
            let Anchored { member, interval, record, relationship_root, relationship: _, way, records } =
                anchored;
            let relationship_root = bytes(relationship_root).ok_or(Altered::Form)?;
            let records = bytes(records).ok_or(Altered::Form)?;
            under(record, &relationship_root, &record_value(&root))?;
            under(way, &records, &relationship_value(relationship, &relationship_root))?;
            Ok(Claim::Anchored { member: *member, interval: *interval, records })
        }
    }
}

/// The root of the record's version that all shown elements lead to.
pub fn record_root(resource: &Value, proof: &Proof) -> Result<[u8; 32], Altered> {
    let object = resource.as_object().ok_or(Altered::OtherResource)?;
    let name = |name: &str| object.get(name).and_then(Value::as_str).ok_or(Altered::OtherResource);
    if proof.resource != format!("{}/{}", name("resourceType")?, name("id")?) {
        return Err(Altered::OtherResource);
    }
    let mut walk = Checking { proof, arrays: 0, leaves: 0, marks: 0, root: None };
    walk.object("", object)?;
    let all = walk.arrays == proof.arrays.len()
        && walk.leaves == proof.leaves.len()
        && walk.marks == proof.marks.len();
    if !all {
        return Err(Altered::Left);
    }
    walk.root.ok_or(Altered::Form)
}

/// What stands for a record in its relationship's tree.
pub fn record_value(root: &[u8; 32]) -> [u8; 32] {
    let hasher = Sha256::new_with_prefix(b"medrec/proof/record/v1");
    hasher.chain_update(root).finalize().into()
}

/// What stands for a relationship in its provider's tree.
pub fn relationship_value(relationship: RelationshipId, root: &[u8; 32]) -> [u8; 32] {
    let hasher = Sha256::new_with_prefix(b"medrec/proof/relationship/v1");
    hasher.chain_update(relationship.to_string()).chain_update([0]).chain_update(root).finalize().into()
}

/// The relationship that a resource's id begins with.
pub fn relationship_of(resource: &str) -> Option<RelationshipId> {
    let (_, id) = resource.split_once('/')?;
    id.split('.').next()?.parse().ok()
}

/// Whether a value is under a root of the anchors' trees.
fn under(way: &Way, root: &[u8; 32], value: &[u8; 32]) -> Result<(), Altered> {
    let position = u64::from_be_bytes(bytes(&way.position).ok_or(Altered::Form)?);
    let siblings = hashes(&way.siblings, usize::from(merkle::DEPTH)).ok_or(Altered::Form)?;
    let proof = merkle::Proof { position, siblings };
    match merkle::includes(merkle::Kind::Records, root, value, &proof) {
        true => Ok(()),
        false => Err(Altered::Way),
    }
}

struct Checking<'a> {
    proof: &'a Proof,
    arrays: usize,
    leaves: usize,
    marks: usize,
    root: Option<Hash>,
}

impl Checking<'_> {
    fn object(&mut self, above: &str, object: &Map<String, Value>) -> Result<(), Altered> {
        for (name, value) in sorted(object) {
            let place = place::named(above, name);
            match shape(name, value) {
                Shape::Whole => self.whole(place, name, value)?,
                Shape::Object(object) => self.object(&place, object)?,
                Shape::Items(items) => self.items(&place, items)?,
            }
        }
        Ok(())
    }

    fn whole(&mut self, place: String, name: &str, value: &Value) -> Result<(), Altered> {
        match self.proof.leaves.get(self.leaves).filter(|leaf| leaf.place == place) {
            Some(ShownLeaf { kind, value: text, opening, .. }) => {
                if (*kind, text) != (lexical(value).0, &lexical(value).1) {
                    return Err(Altered::Element(place));
                }
                self.leaves += 1;
                self.open(&Says::Value(&place, *kind, text), opening, &place)
            }
            None if is_added_whole(name, value) => self.mark(place, value),
            None => Err(Altered::Element(place)),
        }
    }

    fn items(&mut self, place: &str, items: &[Value]) -> Result<(), Altered> {
        let fail = || Altered::Element(place.to_owned());
        let entry = self.proof.arrays.get(self.arrays).ok_or_else(fail)?;
        if entry.place != place || entry.items.len() != items.len() {
            return Err(fail());
        }
        self.arrays += 1;
        let mut order = entry.order.iter();
        let mut before: Option<place::Tag> = None;
        let mut tags = Vec::with_capacity(items.len());
        for text in &entry.items {
            if text == "+" {
                tags.push(None);
                continue;
            }
            let tag: place::Tag = bytes(text).ok_or(Altered::Form)?;
            if let Some(before) = before {
                let shown = order.next().ok_or_else(fail)?;
                let node: place::Tag = bytes(&shown.node).ok_or(Altered::Form)?;
                self.open(&Says::Before(place, node, before), &shown.before, place)?;
                self.open(&Says::After(place, node, tag), &shown.after, place)?;
            }
            before = Some(tag);
            tags.push(Some(tag));
        }
        if order.next().is_some() {
            return Err(Altered::Left);
        }
        for (index, (item, tag)) in items.iter().zip(tags).enumerate() {
            match (tag, item.as_object()) {
                (Some(tag), Some(object)) => self.object(&place::item(place, &tag), object)?,
                (None, _) if is_added_item(place, item) => self.mark(format!("{place}/+{index}"), item)?,
                _ => return Err(fail()),
            }
        }
        Ok(())
    }

    fn mark(&mut self, place: String, value: &Value) -> Result<(), Altered> {
        match self.proof.marks.get(self.marks) {
            Some(mark) if mark.place == place && mark.value == *value => {
                self.marks += 1;
                Ok(())
            }
            _ => Err(Altered::Element(place)),
        }
    }

    fn open(&mut self, says: &Says<'_>, opening: &Opening, place: &str) -> Result<(), Altered> {
        let Opening { position, salt, siblings } = opening;
        let salt: [u8; 16] = bytes(salt).ok_or(Altered::Form)?;
        let siblings = hashes(siblings, usize::from(DEPTH)).ok_or(Altered::Form)?;
        let digits = position.len() == 5 && is_lower_hex(position);
        let position = u32::from_str_radix(position, 16).ok().filter(|_| digits).ok_or(Altered::Form)?;
        let root = tree::root(position, tree::leaf(&salt, says), &siblings).ok_or(Altered::Form)?;
        if *self.root.get_or_insert(root) == root {
            Ok(())
        } else {
            Err(Altered::Root(place.to_owned()))
        }
    }
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    (is_lower_hex(text) && hex::decode_to_slice(text, &mut out).is_ok()).then_some(out)
}

fn hashes(text: &str, count: usize) -> Option<Vec<Hash>> {
    if text.len() != 64 * count || !text.is_ascii() {
        return None;
    }
    (0..count).map(|number| bytes(text.get(64 * number..64 * (number + 1))?)).collect()
}
