//! The proof of what is shown of a record, as it travels: JSON in its one spelling.

use medrec_primitives::{merkle, MemberId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    canonical,
    commit::{lexical, Committed, Key, Leaf},
    place,
    shape::{is_added_item, is_added_whole, shape, Shape},
    Altered,
};

/// The proof of what is shown of one record. All lists are in the order in which a walk through the resource, names sorted, meets
/// what they are about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// `Type/id`.
    pub resource: String,
    /// Arrays of objects: which items are shown, and that their order is the record's.
    pub arrays: Vec<ShownArray>,
    /// Elements with what opens them.
    pub leaves: Vec<ShownLeaf>,
    /// What the gatekeeper added: marks for what is absent. They are its word, and no part of the record.
    pub marks: Vec<Mark>,
    /// What the record's root is under.
    pub state: State,
}

/// An array of objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownArray {
    /// Where it stands.
    pub place: String,
    /// For each item its tag, 16 hexadecimal digits, or `+` for one that was added.
    pub items: Vec<String>,
    /// For each two tagged items that follow each other: the node that has the one before and the other after it.
    pub order: Vec<ShownOrder>,
}

/// That one item stands before another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownOrder {
    /// The node between them: 16 hexadecimal digits.
    pub node: String,
    /// Opens that the first is before it.
    pub before: Opening,
    /// Opens that the second is after it.
    pub after: Opening,
}

/// An element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownLeaf {
    /// Where it stands.
    pub place: String,
    /// `s`tring, `n`umber, `b`oolean, `z` for null, `a`rray, `o`bject.
    pub kind: char,
    /// Its text as it was written.
    pub value: String,
    /// Opens it.
    pub opening: Opening,
}

/// What leads from a leaf to the record's root. Always of one length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The leaf's place in the tree: 5 hexadecimal digits.
    pub position: String,
    /// Its salt: 16 bytes.
    pub salt: String,
    /// The nodes beside its way, from the leaf up: 20 times 32 bytes.
    pub siblings: String,
}

/// Something that the gatekeeper added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Where it stands.
    pub place: String,
    /// What stands there.
    pub value: Value,
}

/// What a record's root is under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum State {
    /// A root on chain.
    Anchored(Anchored),
    /// The gatekeeper's signature, until the next interval is anchored.
    Pending(Pending),
}

/// From a record's root to a root on chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchored {
    /// Whose anchor.
    pub member: MemberId,
    /// Of which interval.
    pub interval: u32,
    /// Of which relationship's records this is one, such as `r0-3`.
    pub relationship: String,
    /// From the record's root to the relationship's.
    pub record: Way,
    /// The relationship's root.
    pub relationship_root: String,
    /// From the relationship's root to the one on chain.
    pub way: Way,
    /// The root that must be on chain.
    pub records: String,
}

/// A proof in one of the anchors' trees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// The leaf's place: 16 hexadecimal digits.
    pub position: String,
    /// The nodes beside the way, from the leaf up: 64 times 32 bytes.
    pub siblings: String,
}

/// The gatekeeper's word for a version that is not anchored yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// The chain: `0x` and 64 hexadecimal digits.
    pub genesis: String,
    /// Whose gatekeeper.
    pub member: MemberId,
    /// When it was signed (ms).
    pub date: u64,
    /// The gatekeeper's account: SS58.
    pub account: String,
    /// Its signature under [`Pending::message`]: `0x` and hexadecimal digits.
    pub signature: String,
}

impl Pending {
    /// What is signed, for the version with this root.
    pub fn message(&self, root: &[u8; 32]) -> String {
        let root = hex::encode(root);
        format!("medrec-pending-v1\n{}\n{}\n{root}\n{}", self.genesis, self.member, self.date)
    }
}

impl Way {
    /// Written so.
    pub fn new(proof: &merkle::Proof) -> Self {
        Self {
            position: hex::encode(proof.position.to_be_bytes()),
            siblings: hex::encode(proof.siblings.concat()),
        }
    }
}

impl Proof {
    /// Its one spelling.
    pub fn to_text(&self) -> String {
        // Structs of strings, numbers and JSON values always are JSON values.
        canonical::text(&serde_json::to_value(self).unwrap_or_default())
    }

    /// Of a text in that spelling, and no other.
    pub fn parse(text: &str) -> Result<Self, Altered> {
        Self::from_value(canonical::parse(text)?)
    }

    /// Of a JSON value.
    pub fn from_value(value: Value) -> Result<Self, Altered> {
        serde_json::from_value(value).map_err(|_| Altered::Form)
    }
}

/// What is shown is not a part of the record: nothing can be proven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is shown at {0} is not what the record has there")]
pub struct NotOfRecord(pub String);

/// Proves what `shown` shows of the record `whole`, whose tree this is.
pub fn disclose(
    committed: &Committed,
    whole: &Value,
    shown: &Value,
    state: State,
) -> Result<Proof, NotOfRecord> {
    let name = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default();
    let resource = format!("{}/{}", name("resourceType"), name("id"));
    let proof = Proof { resource, arrays: Vec::new(), leaves: Vec::new(), marks: Vec::new(), state };
    let mut walk = Disclosing { committed, proof };
    let (Some(whole), Some(shown)) = (whole.as_object(), shown.as_object()) else {
        return Err(NotOfRecord(String::new()));
    };
    walk.object("", Some(whole), shown)?;
    Ok(walk.proof)
}

/// An object's elements in the order of their names.
pub(crate) fn sorted(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_unstable_by_key(|(name, _)| *name);
    entries
}

struct Disclosing<'a> {
    committed: &'a Committed,
    proof: Proof,
}

impl Disclosing<'_> {
    fn object(
        &mut self,
        above: &str,
        whole: Option<&Map<String, Value>>,
        shown: &Map<String, Value>,
    ) -> Result<(), NotOfRecord> {
        for (name, value) in sorted(shown) {
            let place = place::named(above, name);
            let whole = whole.and_then(|whole| whole.get(name));
            match shape(name, value) {
                Shape::Whole if whole == Some(value) => self.leaf(place, value)?,
                Shape::Whole if is_added_whole(name, value) => self.mark(place, value),
                Shape::Whole => return Err(NotOfRecord(place)),
                Shape::Object(object) => {
                    self.object(&place, whole.and_then(Value::as_object), object)?;
                }
                Shape::Items(items) => {
                    let whole = whole.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                    self.items(&place, whole, items)?;
                }
            }
        }
        Ok(())
    }

    fn items(&mut self, place: &str, whole: &[Value], shown: &[Value]) -> Result<(), NotOfRecord> {
        let order = self.committed.orders.get(place);
        let fail = || NotOfRecord(place.to_owned());
        // Every shown item is taken for the first that it can be a part of: if there is an assignment, this finds one.
        let mut cursor = 0;
        let mut found: Vec<Option<usize>> = Vec::with_capacity(shown.len());
        for item in shown {
            let rest = || whole.iter().enumerate().skip(cursor);
            let added = is_added_item(place, item);
            let number = match rest().find(|(_, candidate)| *candidate == item) {
                Some((number, _)) if added => Some(number),
                None if added => None,
                _ => Some(rest().find(|(_, candidate)| is_part(item, candidate)).ok_or_else(fail)?.0),
            };
            cursor = number.map_or(cursor, |number| number + 1);
            found.push(number);
        }
        let mut entry = ShownArray { place: place.to_owned(), items: Vec::new(), order: Vec::new() };
        let mut before = None;
        for number in &found {
            let Some(number) = *number else {
                entry.items.push("+".to_owned());
                continue;
            };
            let order = order.ok_or_else(fail)?;
            entry.items.push(hex::encode(order.tags.get(number).ok_or_else(fail)?));
            if let Some(before) = before {
                let node = order.between(before, number).ok_or_else(fail)?;
                let (one, other) = (order.tags[before], order.tags[number]);
                entry.order.push(ShownOrder {
                    node: hex::encode(node),
                    before: self.opening(&Key::Before(place.to_owned(), node, one))?,
                    after: self.opening(&Key::After(place.to_owned(), node, other))?,
                });
            }
            before = Some(number);
        }
        self.proof.arrays.push(entry);
        for (index, (item, number)) in shown.iter().zip(found).enumerate() {
            match (number.and_then(|number| Some((whole.get(number)?, order?.tags.get(number)?))), item) {
                (Some((whole, tag)), Value::Object(object)) => {
                    self.object(&place::item(place, tag), whole.as_object(), object)?;
                }
                _ => self.mark(format!("{place}/+{index}"), item),
            }
        }
        Ok(())
    }

    fn leaf(&mut self, place: String, value: &Value) -> Result<(), NotOfRecord> {
        let (kind, text) = lexical(value);
        let opening = self.opening(&Key::Value(place.clone()))?;
        self.proof.leaves.push(ShownLeaf { place, kind, value: text, opening });
        Ok(())
    }

    fn mark(&mut self, place: String, value: &Value) {
        self.proof.marks.push(Mark { place, value: value.clone() });
    }

    fn opening(&self, key: &Key) -> Result<Opening, NotOfRecord> {
        let Leaf { salt, placed } = self.committed.leaves.get(key).ok_or_else(|| {
            let (Key::Value(place) | Key::Before(place, ..) | Key::After(place, ..)) = key;
            NotOfRecord(place.clone())
        })?;
        Ok(Opening {
            position: format!("{:05x}", placed.position),
            salt: hex::encode(salt),
            siblings: hex::encode(placed.siblings.concat()),
        })
    }
}

/// Whether all of `shown` is in `whole` or was added.
fn is_part(shown: &Value, whole: &Value) -> bool {
    let (Some(shown), Some(whole)) = (shown.as_object(), whole.as_object()) else { return false };
    object_is_part(shown, Some(whole), "")
}

fn object_is_part(shown: &Map<String, Value>, whole: Option<&Map<String, Value>>, above: &str) -> bool {
    shown.iter().all(|(name, value)| {
        let place = place::named(above, name);
        let whole = whole.and_then(|whole| whole.get(name));
        match shape(name, value) {
            Shape::Whole => whole == Some(value) || is_added_whole(name, value),
            Shape::Object(object) => object_is_part(object, whole.and_then(Value::as_object), &place),
            Shape::Items(items) => {
                let mut rest = whole.and_then(Value::as_array).map_or(&[][..], Vec::as_slice).iter();
                items.iter().all(|item| {
                    let start = rest.clone();
                    if is_added_item(&place, item) {
                        if !rest.any(|candidate| candidate == item) {
                            rest = start;
                        }
                        true
                    } else {
                        rest.any(|candidate| is_part(item, candidate))
                    }
                })
            }
        }
    })
}
