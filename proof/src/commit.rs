//! A record's tree, as its gatekeeper builds it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use hkdf::Hkdf;
use serde_json::Value;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    canonical,
    place::{self, Tag},
    shape::{shape, Shape},
    tree::{self, Hash, Placed, Says, DEPTH},
};

/// How many leaves a record may have: an eighth of the places, so that a free one is found at once.
const MOST: usize = 1 << (DEPTH - 3);

/// What all salts, tags and positions of one version of a record are made of: 32 fresh random bytes.
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// Of these bytes, which must be random and never used for another version.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn derive<const N: usize>(&self, what: &str, place: &str, number: u32) -> [u8; N] {
        let mut out = [0; N];
        let info = [what.as_bytes(), &[0], &number.to_be_bytes(), place.as_bytes()];
        let hkdf = Hkdf::<Sha256>::new(Some(b"medrec/proof/seed/v1"), self.0.as_slice());
        // HKDF fails for more than 8,160 bytes only.
        let _ = hkdf.expand_multi_info(&info, &mut out);
        out
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed")
    }
}

/// The record cannot be committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// It falls apart into too many leaves.
    #[error("a record has more than {MOST} leaves")]
    Leaves,
    /// It has a name that no FHIR element has.
    #[error("a record has an element whose name is none of FHIR's")]
    Name,
}

/// A leaf that can be opened.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) salt: [u8; 16],
    pub(crate) placed: Placed,
}

/// What a leaf is about, without what it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Value(String),
    Before(String, Tag, Tag),
    After(String, Tag, Tag),
}

/// The items of an array, and the nodes of its order: for each two items that stand next to each other among those that are shown
/// there is exactly one node with the one before it and the other after it.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) tags: Vec<Tag>,
    nodes: Vec<(usize, usize, usize, Tag)>,
}

impl Order {
    /// The node between two items, by their numbers.
    pub(crate) fn between(&self, left: usize, right: usize) -> Option<Tag> {
        let parted = |(from, middle, to, _): &&(usize, usize, usize, Tag)| {
            (*from..*middle).contains(&left) && (*middle..*to).contains(&right)
        };
        self.nodes.iter().find(parted).map(|(_, _, _, node)| *node)
    }
}

/// One version of a record with its tree. Whoever has the seed and the record can build it again.
#[derive(Clone, Debug)]
pub struct Committed {
    root: Hash,
    pub(crate) leaves: BTreeMap<Key, Leaf>,
    pub(crate) orders: BTreeMap<String, Order>,
}

impl Committed {
    /// Builds the tree over a whole resource.
    pub fn new(seed: &Seed, resource: &Value) -> Result<Self, TooLarge> {
        let mut making = Making { seed, leaves: Vec::new(), orders: BTreeMap::new() };
        if let Value::Object(object) = resource {
            for (name, value) in object {
                making.element("", name, value)?;
            }
        }
        let Making { leaves, orders, .. } = making;
        if leaves.len() > MOST {
            return Err(TooLarge::Leaves);
        }
        let mut taken = BTreeSet::new();
        let mut keyed: Vec<(Key, [u8; 16], Placed)> = Vec::with_capacity(leaves.len());
        for (key, salt, hash, name) in leaves {
            let position = free_place(seed, &name, &mut taken);
            keyed.push((key, salt, Placed { position, hash, siblings: Vec::new() }));
        }
        keyed.sort_unstable_by_key(|(_, _, placed)| placed.position);
        let mut placed: Vec<Placed> = keyed.iter().map(|(_, _, placed)| placed.clone()).collect();
        let root = tree::build(&seed.derive("filling", "", 0), &mut placed);
        let leaves = keyed.into_iter().zip(placed);
        let leaves = leaves.map(|((key, salt, _), placed)| (key, Leaf { salt, placed })).collect();
        Ok(Self { root, leaves, orders })
    }

    /// The root: what stands for this version.
    pub fn root(&self) -> [u8; 32] {
        self.root
    }
}

/// A place of its own for every leaf. Whoever has no seed learns nothing from it.
fn free_place(seed: &Seed, name: &str, taken: &mut BTreeSet<u32>) -> u32 {
    let mut number = 0;
    loop {
        let position = u32::from_be_bytes(seed.derive("position", name, number)) >> (32 - DEPTH);
        if taken.insert(position) {
            return position;
        }
        number += 1;
    }
}

struct Making<'a> {
    seed: &'a Seed,
    leaves: Vec<(Key, [u8; 16], Hash, String)>,
    orders: BTreeMap<String, Order>,
}

impl Making<'_> {
    fn element(&mut self, above: &str, name: &str, value: &Value) -> Result<(), TooLarge> {
        if !place::is_name(name) {
            return Err(TooLarge::Name);
        }
        let place = place::named(above, name);
        match shape(name, value) {
            Shape::Whole => {
                let (kind, text) = lexical(value);
                let salt = self.seed.derive("salt", &place, 0);
                let hash = tree::leaf(&salt, &Says::Value(&place, kind, &text));
                self.leaves.push((Key::Value(place.clone()), salt, hash, place));
                Ok(())
            }
            Shape::Object(object) => {
                object.iter().try_for_each(|(name, value)| self.element(&place, name, value))
            }
            Shape::Items(items) => self.items(&place, items),
        }
    }

    fn items(&mut self, place: &str, items: &[Value]) -> Result<(), TooLarge> {
        let mut tags: Vec<Tag> = Vec::with_capacity(items.len());
        for number in 0u32.. {
            if tags.len() == items.len() {
                break;
            }
            let tag = self.seed.derive("item", place, number);
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        for (item, tag) in items.iter().zip(&tags) {
            let inside = place::item(place, tag);
            for (name, value) in item.as_object().into_iter().flatten() {
                self.element(&inside, name, value)?;
            }
        }
        let mut nodes = Vec::new();
        self.part(place, &tags, 0, tags.len(), &mut nodes);
        if self.leaves.len() > MOST {
            return Err(TooLarge::Leaves);
        }
        self.orders.insert(place.to_owned(), Order { tags, nodes });
        Ok(())
    }

    /// Parts the items from `from` to `to` in two by a node, and so on.
    fn part(
        &mut self,
        place: &str,
        tags: &[Tag],
        from: usize,
        to: usize,
        nodes: &mut Vec<(usize, usize, usize, Tag)>,
    ) {
        if to - from < 2 {
            return;
        }
        let middle = from + (to - from) / 2;
        let node: Tag = self.seed.derive("node", place, nodes.len() as u32);
        nodes.push((from, middle, to, node));
        for (number, tag) in tags.iter().enumerate().take(to).skip(from) {
            let key = match number < middle {
                true => Key::Before(place.to_owned(), node, *tag),
                false => Key::After(place.to_owned(), node, *tag),
            };
            let says = match &key {
                Key::Before(..) => Says::Before(place, node, *tag),
                _ => Says::After(place, node, *tag),
            };
            let name = format!("{place}/<{}/#{}", hex::encode(node), hex::encode(tag));
            let salt = self.seed.derive("salt", &name, 0);
            let hash = tree::leaf(&salt, &says);
            self.leaves.push((key, salt, hash, name));
        }
        self.part(place, tags, from, middle, nodes);
        self.part(place, tags, middle, to, nodes);
    }
}

/// A value's type and its text as it was written: decimals keep their digits.
pub(crate) fn lexical(value: &Value) -> (char, String) {
    match value {
        Value::String(text) => ('s', text.clone()),
        Value::Number(number) => ('n', number.to_string()),
        Value::Bool(_) => ('b', value.to_string()),
        Value::Null => ('z', String::new()),
        Value::Array(_) => ('a', canonical::text(value)),
        Value::Object(_) => ('o', canonical::text(value)),
    }
}
