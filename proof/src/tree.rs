//! The tree over a record's leaves: one fixed depth, keyed positions, emptiness that looks like any other hash.

use sha2::{Digest, Sha256};

use crate::place::Tag;

/// How many levels there are between a leaf and the root.
pub(crate) const DEPTH: u8 = 20;

/// A hash.
pub(crate) type Hash = [u8; 32];

const LEAF: u8 = 0;
const NODE: u8 = 1;
const EMPTY: u8 = 2;

/// What a leaf says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Says<'a> {
    /// This stands at the place: a type's letter, and the lexical value.
    Value(&'a str, char, &'a str),
    /// Of the array at the place, this item stands before those on the other side of a node.
    Before(&'a str, Tag, Tag),
    /// And this one after them.
    After(&'a str, Tag, Tag),
}

/// The hash of a leaf. Everything has its length before it, so that no two leaves are one text.
pub(crate) fn leaf(salt: &[u8; 16], says: &Says<'_>) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([LEAF]);
    hasher.update(b"medrec/proof/leaf/v1");
    hasher.update(salt);
    let mut part = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    match says {
        Says::Value(place, kind, value) => {
            part(b"value");
            part(place.as_bytes());
            part(&[*kind as u8]);
            part(value.as_bytes());
        }
        Says::Before(place, node, item) => {
            part(b"before");
            part(place.as_bytes());
            part(node);
            part(item);
        }
        Says::After(place, node, item) => {
            part(b"after");
            part(place.as_bytes());
            part(node);
            part(item);
        }
    }
    hasher.finalize().into()
}

fn node(level: u8, left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([NODE, level]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

fn empty(filling: &Hash, level: u8, first: u32) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([EMPTY, level]);
    hasher.update(filling);
    hasher.update(first.to_be_bytes());
    hasher.finalize().into()
}

/// The root above a leaf, by the nodes beside its way.
pub(crate) fn root(position: u32, leaf: Hash, siblings: &[Hash]) -> Option<Hash> {
    if siblings.len() != usize::from(DEPTH) || position >> DEPTH != 0 {
        return None;
    }
    let way = (0..DEPTH).zip(siblings);
    Some(way.fold(leaf, |hash, (level, sibling)| match position >> level & 1 {
        1 => node(level, sibling, &hash),
        _ => node(level, &hash, sibling),
    }))
}

/// A leaf in its place, with the nodes beside its way from the leaf up.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) position: u32,
    pub(crate) hash: Hash,
    pub(crate) siblings: Vec<Hash>,
}

/// Builds the tree over leaves that ascend by position, and gives its root. Each leaf learns the nodes beside its way.
pub(crate) fn build(filling: &Hash, leaves: &mut [Placed]) -> Hash {
    subtree(filling, DEPTH, 0, leaves)
}

fn subtree(filling: &Hash, level: u8, first: u32, leaves: &mut [Placed]) -> Hash {
    let Some(one) = leaves.first() else { return empty(filling, level, first) };
    let Some(beneath) = level.checked_sub(1) else { return one.hash };
    let middle = first | 1 << beneath;
    let split = leaves.partition_point(|leaf| leaf.position < middle);
    let (left, right) = leaves.split_at_mut(split);
    let (left_hash, right_hash) =
        (subtree(filling, beneath, first, left), subtree(filling, beneath, middle, right));
    left.iter_mut().for_each(|leaf| leaf.siblings.push(right_hash));
    right.iter_mut().for_each(|leaf| leaf.siblings.push(left_hash));
    node(beneath, &left_hash, &right_hash)
}
