//! The roots in anchors: Merkle trees of one fixed depth with keyed positions.
//!
//! Every leaf has its place among 2^64, which its owner's secret chooses; what is empty is filled with hashes that look like
//! any other. So a proof has one length, and shows neither how much else there is nor where. All hashes are BLAKE2b-256
//! and name what they are over: the kind of tree, leaf or node, and the level.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

/// How many levels there are between a leaf and the root.
pub const DEPTH: u8 = 64;

const LEAF: &[u8] = b"medrec/anchor/leaf/v1";
const NODE: &[u8] = b"medrec/anchor/node/v1";
const EMPTY: &[u8] = b"medrec/anchor/empty/v1";
const POSITION: &[u8] = b"medrec/anchor/position/v1";

/// What a tree is over. Leaves of one kind prove nothing of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Kind {
    /// Roots of the records of relationships.
    Records,
    /// Entries of an access log.
    Log,
}

/// A leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Leaf {
    /// Its place.
    pub position: u64,
    /// The hash that it stands for.
    pub value: [u8; 32],
}

/// That a leaf is under a root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Proof {
    /// The leaf's place.
    pub position: u64,
    /// The nodes beside the way, from the leaf up; always [`DEPTH`] of them.
    pub siblings: Vec<[u8; 32]>,
}

/// Whether `value` is under `root` by this proof.
pub fn includes(kind: Kind, root: &[u8; 32], value: &[u8; 32], proof: &Proof) -> bool {
    if proof.siblings.len() != usize::from(DEPTH) {
        return false;
    }
    let mut hash = leaf(kind, proof.position, value);
    for (level, sibling) in (0..DEPTH).zip(&proof.siblings) {
        let is_right = bit(proof.position, level);
        hash = if is_right { node(level, sibling, &hash) } else { node(level, &hash, sibling) };
    }
    hash == *root
}

/// Where the leaf of `key` stands, by its owner's secret.
pub fn position(secret: &[u8; 32], kind: Kind, key: &[u8]) -> u64 {
    let hash = blake2_256(&(POSITION, secret, kind, key).encode());
    let mut first = [0; 8];
    first.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    u64::from_le_bytes(first)
}

/// A tree, as its owner builds it.
pub struct Tree<'a> {
    kind: Kind,
    /// Fills what is empty; another one for every tree, or emptiness could be told by what stays the same.
    filling: &'a [u8; 32],
    /// Ascending by position, without two at one place.
    leaves: Vec<Leaf>,
}

impl<'a> Tree<'a> {
    /// The tree over these leaves; `None` if two have one place. There may be none at all.
    pub fn new(kind: Kind, filling: &'a [u8; 32], mut leaves: Vec<Leaf>) -> Option<Self> {
        leaves.sort_unstable_by_key(|leaf| leaf.position);
        let places = leaves.iter().map(|leaf| leaf.position);
        let doubled = places.clone().zip(places.skip(1)).any(|(one, next)| one == next);
        (!doubled).then_some(Self { kind, filling, leaves })
    }

    /// Its root.
    pub fn root(&self) -> [u8; 32] {
        self.subtree(DEPTH, 0, &self.leaves)
    }

    /// The proof of the leaf at `position`; `None` if there is none.
    pub fn proof(&self, position: u64) -> Option<Proof> {
        self.leaves.binary_search_by_key(&position, |leaf| leaf.position).ok()?;
        let siblings = (0..DEPTH)
            .map(|level| {
                // The neighbour of the way's node on this level: the same prefix with its last bit turned.
                let first = prefix(position, level) ^ bit_of(level);
                self.subtree(level, first, self.within(level, first))
            })
            .collect();
        Some(Proof { position, siblings })
    }

    /// The leaves beneath the node of this level that begins at `first`.
    fn within(&self, level: u8, first: u64) -> &[Leaf] {
        let end = first | below(level);
        let from = self.leaves.partition_point(|leaf| leaf.position < first);
        let to = self.leaves.partition_point(|leaf| leaf.position <= end);
        self.leaves.get(from..to).unwrap_or_default()
    }

    /// The hash of the node of this level that begins at `first` and has these leaves beneath it.
    fn subtree(&self, level: u8, first: u64, leaves: &[Leaf]) -> [u8; 32] {
        let Some(one) = leaves.first() else {
            return blake2_256(&(EMPTY, self.filling, self.kind, level, first).encode());
        };
        let Some(beneath) = level.checked_sub(1) else {
            return leaf(self.kind, one.position, &one.value);
        };
        let middle = first | bit_of(beneath);
        let (left, right) = leaves.split_at(leaves.partition_point(|leaf| leaf.position < middle));
        let (left, right) = (self.subtree(beneath, first, left), self.subtree(beneath, middle, right));
        node(beneath, &left, &right)
    }
}

fn leaf(kind: Kind, position: u64, value: &[u8; 32]) -> [u8; 32] {
    blake2_256(&(LEAF, kind, position, value).encode())
}

fn node(level: u8, left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    blake2_256(&(NODE, level, left, right).encode())
}

fn bit(position: u64, level: u8) -> bool {
    position & bit_of(level) != 0
}

/// The bit that tells left from right on a level.
fn bit_of(level: u8) -> u64 {
    1u64.checked_shl(level.into()).unwrap_or(0)
}

/// All bits below `level`.
fn below(level: u8) -> u64 {
    1u64.checked_shl(level.into()).map_or(u64::MAX, |bit| bit.wrapping_sub(1))
}

fn prefix(position: u64, level: u8) -> u64 {
    position & !below(level)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const FILLING: [u8; 32] = [7; 32];

    fn leaves(values: &[(u64, u8)]) -> Vec<Leaf> {
        values.iter().map(|(position, value)| Leaf { position: *position, value: [*value; 32] }).collect()
    }

    fn tree(values: &[(u64, u8)]) -> Tree<'static> {
        Tree::new(Kind::Records, &FILLING, leaves(values)).unwrap()
    }

    #[test]
    fn tree_should_have_a_root_when_empty() {
        let (one, other) = (tree(&[]), Tree::new(Kind::Records, &[8; 32], Vec::new()).unwrap());
        assert_eq!(one.root(), tree(&[]).root());
        assert_ne!(one.root(), other.root());
        assert_eq!(one.proof(0), None);
    }

    #[test]
    fn tree_should_be_refused_when_two_leaves_have_one_place() {
        assert!(Tree::new(Kind::Log, &FILLING, leaves(&[(5, 1), (5, 2)])).is_none());
    }

    #[test]
    fn proof_should_hold_when_at_either_end_and_beside_each_other() {
        let tree = tree(&[(0, 1), (1, 2), (u64::MAX - 1, 3), (u64::MAX, 4), (1 << 63, 5)]);
        for leaf in &tree.leaves {
            let proof = tree.proof(leaf.position).unwrap();
            assert!(includes(Kind::Records, &tree.root(), &leaf.value, &proof), "{}", leaf.position);
        }
    }

    #[test]
    fn proof_should_fail_when_kind_root_value_length_or_place_is_another() {
        let tree = tree(&[(4, 1), (5, 2)]);
        let (root, value, proof) = (tree.root(), [1; 32], tree.proof(4).unwrap());
        assert!(includes(Kind::Records, &root, &value, &proof));
        assert!(!includes(Kind::Log, &root, &value, &proof));
        assert!(!includes(Kind::Records, &[0; 32], &value, &proof));
        assert!(!includes(Kind::Records, &root, &[2; 32], &proof));
        assert!(!includes(Kind::Records, &root, &value, &Proof { position: 5, ..proof.clone() }));
        let mut short = proof.clone();
        short.siblings.pop();
        assert!(!includes(Kind::Records, &root, &value, &short));
        let mut long = proof;
        long.siblings.push([0; 32]);
        assert!(!includes(Kind::Records, &root, &value, &long));
    }

    #[test]
    fn node_should_not_pass_for_a_leaf_when_offered_as_one() {
        let tree = tree(&[(4, 1), (5, 2)]);
        let mut proof = tree.proof(4).unwrap();
        // The pair's node, with a proof that begins one level further up.
        let pair = node(0, &leaf(Kind::Records, 4, &[1; 32]), &leaf(Kind::Records, 5, &[2; 32]));
        proof.siblings.remove(0);
        assert!(!includes(Kind::Records, &tree.root(), &pair, &proof));
        proof.siblings.push([0; 32]);
        assert!(!includes(Kind::Records, &tree.root(), &pair, &proof));
    }

    #[test]
    fn position_should_depend_on_secret_kind_and_key() {
        let here = position(&[1; 32], Kind::Records, b"a");
        assert_eq!(here, position(&[1; 32], Kind::Records, b"a"));
        assert_ne!(here, position(&[2; 32], Kind::Records, b"a"));
        assert_ne!(here, position(&[1; 32], Kind::Log, b"a"));
        assert_ne!(here, position(&[1; 32], Kind::Records, b"b"));
    }

    proptest! {
        #[test]
        fn proof_should_hold_for_every_leaf_and_no_other_value(
            values in proptest::collection::btree_map(any::<u64>(), any::<u8>(), 1..20),
            flip in 0usize..64,
        ) {
            let values: Vec<(u64, u8)> = values.into_iter().collect();
            let tree = tree(&values);
            let root = tree.root();
            for (position, value) in &values {
                let mut proof = tree.proof(*position).unwrap();
                prop_assert!(includes(Kind::Records, &root, &[*value; 32], &proof));
                prop_assert!(!includes(Kind::Records, &root, &[value.wrapping_add(1); 32], &proof));
                proof.siblings[flip][0] ^= 1;
                prop_assert!(!includes(Kind::Records, &root, &[*value; 32], &proof));
            }
        }

        #[test]
        fn root_should_change_when_a_leaf_does(
            values in proptest::collection::btree_map(any::<u64>(), any::<u8>(), 1..20),
        ) {
            let mut values: Vec<(u64, u8)> = values.into_iter().collect();
            let before = tree(&values).root();
            let last = values.pop().unwrap();
            prop_assert_ne!(before, tree(&values).root());
            values.push((last.0, last.1.wrapping_add(1)));
            prop_assert_ne!(before, tree(&values).root());
        }
    }
}
