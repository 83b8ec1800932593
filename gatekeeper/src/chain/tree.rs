//! The blocks that matter: the last finalised one and all that is known above it.
//!
//! Nothing here talks to a node. The rules that keep a reorganisation, a reconnection or a node put back in time from
//! widening access are in this file, and are the same for the real and the simulated chain.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use super::{Hash, Head, Heads};

#[derive(Clone, Debug)]
struct Block {
    parent: Hash,
    head: Head,
    /// Whether it could carry no transaction, and so no revocation.
    closed: bool,
}

/// The last finalised block and the known blocks above it.
#[derive(Clone, Debug, Default)]
pub struct BlockTree {
    blocks: HashMap<Hash, Block>,
    finalised: Option<Head>,
    /// When finality was last *seen* to move to a block that could carry a revocation. A block that was finalised before anybody
    /// looked does not count.
    finalised_at: Option<Instant>,
    /// The highest finalised block ever relied on.
    floor: Option<(u64, Hash)>,
}

/// The node's story contradicts what was final before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the node's finalised chain is not the one followed before: it differs at block {number}")]
pub struct Contradiction {
    /// At which height.
    pub number: u64,
}

impl BlockTree {
    /// Starts from what an earlier run relied on, if there was one.
    pub fn with_floor(floor: Option<(u64, Hash)>) -> Self {
        Self { floor, ..Self::default() }
    }

    /// The highest finalised block ever relied on.
    pub fn floor(&self) -> Option<(u64, Hash)> {
        self.floor
    }

    /// Takes up the node's finalised head at the start of a subscription.
    ///
    /// When finality last moved is not learnt from this: the head may be hours old. It is known once finality moves while
    /// being watched, or if it moved while being watched before.
    pub fn start(&mut self, finalised: Head) -> Result<(), Contradiction> {
        // A block seen before keeps the time at which it was first seen.
        let finalised = match &self.finalised {
            Some(known) if known.hash == finalised.hash => known.clone(),
            _ => self.blocks.get(&finalised.hash).map_or(finalised, |block| block.head.clone()),
        };
        self.settle(finalised)
    }

    /// Takes up a new block. One whose parent is unknown, or that is known already, changes nothing.
    pub fn add(&mut self, parent: Hash, head: Head) {
        let known = |hash: &Hash| {
            self.blocks.contains_key(hash)
                || self.finalised.as_ref().is_some_and(|finalised| finalised.hash == *hash)
        };
        if !known(&head.hash) && known(&parent) {
            self.blocks.insert(head.hash, Block { parent, head, closed: false });
        }
    }

    /// A known block carries no transactions, since the chain's storage is being migrated: that it becomes final does not show that
    /// nobody has revoked anything.
    pub fn close(&mut self, hash: &Hash) {
        if let Some(block) = self.blocks.get_mut(hash) {
            block.closed = true;
        }
    }

    /// The height that a child of `parent` has.
    pub fn child_number(&self, parent: &Hash) -> Option<u64> {
        match &self.finalised {
            Some(finalised) if finalised.hash == *parent => Some(finalised.number + 1),
            _ => self.blocks.get(parent).map(|block| block.head.number + 1),
        }
    }

    /// Moves finality to a known block, at `now`. Returns whether the block was known.
    pub fn finalise(&mut self, hash: &Hash, now: Instant) -> Result<bool, Contradiction> {
        let Some(block) = self.blocks.get(hash) else {
            return Ok(self.finalised.as_ref().is_some_and(|finalised| finalised.hash == *hash));
        };
        let (head, closed) = (block.head.clone(), block.closed);
        self.settle(head)?;
        if !closed {
            self.finalised_at = Some(now);
        }
        Ok(true)
    }

    /// Forgets blocks that can no longer become final.
    pub fn prune<'a>(&mut self, hashes: impl IntoIterator<Item = &'a Hash>) {
        for hash in hashes {
            self.blocks.remove(hash);
        }
    }

    /// Makes `finalised` the root and keeps only what stands above it.
    fn settle(&mut self, finalised: Head) -> Result<(), Contradiction> {
        if let Some((number, hash)) = self.floor {
            if number == finalised.number && hash != finalised.hash {
                return Err(Contradiction { number });
            }
        }
        let above: HashSet<Hash> =
            self.blocks.keys().copied().filter(|hash| self.descends(hash, &finalised.hash)).collect();
        self.blocks.retain(|hash, _| above.contains(hash));
        if self.floor.is_none_or(|(number, _)| finalised.number > number) {
            self.floor = Some((finalised.number, finalised.hash));
        }
        self.finalised = Some(finalised);
        Ok(())
    }

    fn descends(&self, hash: &Hash, root: &Hash) -> bool {
        let mut at = *hash;
        while let Some(block) = self.blocks.get(&at) {
            if block.parent == *root {
                return true;
            }
            at = block.parent;
        }
        false
    }

    /// The states to decide on, or `None` while they may not be relied on: finality was never seen to move, or the node
    /// is behind what was final before.
    pub fn heads(&self) -> Option<Heads> {
        let finalised = self.finalised.clone()?;
        let finalised_at = self.finalised_at?;
        if self.floor.is_some_and(|(number, _)| finalised.number < number) {
            return None;
        }
        let parents: HashSet<Hash> = self.blocks.values().map(|block| block.parent).collect();
        let mut leaves: Vec<Head> = self
            .blocks
            .values()
            .filter(|block| !parents.contains(&block.head.hash))
            .map(|block| block.head.clone())
            .collect();
        leaves.sort_by_key(|head| (head.number, head.hash));
        Some(Heads { finalised, finalised_at, leaves })
    }

    /// The last finalised block, whether it may be relied on or not.
    pub fn finalised(&self) -> Option<&Head> {
        self.finalised.as_ref()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn hash(n: u8) -> Hash {
        Hash::repeat_byte(n)
    }

    fn head(n: u8, number: u64) -> Head {
        Head { hash: hash(n), number, timestamp: number * 6000, imported: Instant::now() }
    }

    /// 1 is final and finality was seen; above it stand 2 - 3 and 4.
    fn forked() -> BlockTree {
        let mut tree = BlockTree::default();
        tree.start(head(0, 0)).unwrap();
        tree.add(hash(0), head(1, 1));
        assert!(tree.finalise(&hash(1), Instant::now()).unwrap());
        tree.add(hash(1), head(2, 2));
        tree.add(hash(2), head(3, 3));
        tree.add(hash(1), head(4, 2));
        tree
    }

    fn leaves(tree: &BlockTree) -> Vec<Hash> {
        tree.heads().unwrap().leaves.iter().map(|head| head.hash).collect()
    }

    #[test]
    fn tree_should_have_no_heads_when_finality_was_never_seen_to_move() {
        let mut tree = BlockTree::default();
        assert_eq!(tree.heads(), None);
        tree.start(head(0, 0)).unwrap();
        assert_eq!(tree.heads(), None);
        tree.add(hash(0), head(1, 1));
        assert_eq!(tree.heads(), None);
        tree.finalise(&hash(1), Instant::now()).unwrap();
        assert!(tree.heads().is_some());
    }

    #[test]
    fn tree_should_know_every_leaf_when_forked() {
        assert_eq!(leaves(&forked()), [hash(4), hash(3)]);
    }

    #[test]
    fn tree_should_drop_the_losing_fork_when_the_other_is_finalised() {
        let mut tree = forked();
        assert!(tree.finalise(&hash(2), Instant::now()).unwrap());
        assert_eq!(tree.heads().unwrap().finalised.hash, hash(2));
        assert_eq!(leaves(&tree), [hash(3)]);
    }

    #[test]
    fn tree_should_have_no_leaves_when_all_is_finalised() {
        let mut tree = forked();
        tree.finalise(&hash(2), Instant::now()).unwrap();
        tree.finalise(&hash(3), Instant::now()).unwrap();
        assert_eq!(leaves(&tree), []);
    }

    #[test]
    fn tree_should_not_take_finality_as_fresh_when_blocks_carry_no_transactions() {
        let mut tree = forked();
        let before = tree.heads().unwrap().finalised_at;
        tree.close(&hash(2));
        assert!(tree.finalise(&hash(2), Instant::now()).unwrap());
        assert_eq!(tree.heads().unwrap().finalised_at, before);
        assert!(tree.finalise(&hash(3), Instant::now()).unwrap());
        assert!(tree.heads().unwrap().finalised_at > before);
    }

    #[test]
    fn tree_should_keep_known_leaves_when_a_new_subscription_starts() {
        let mut tree = forked();
        let before = tree.heads().unwrap();
        tree.start(head(1, 1)).unwrap();
        assert_eq!(tree.heads().unwrap(), before);
    }

    #[test]
    fn tree_should_not_take_finality_as_fresh_when_it_moved_unseen() {
        let mut tree = forked();
        let before = tree.heads().unwrap().finalised_at;
        tree.start(head(9, 50)).unwrap();
        assert_eq!(tree.heads().unwrap().finalised_at, before);
        assert_eq!(leaves(&tree), []);
    }

    #[test]
    fn tree_should_have_no_heads_when_the_node_is_behind_what_was_final() {
        let mut tree = forked();
        tree.start(head(0, 0)).unwrap();
        assert_eq!(tree.heads(), None);
        tree.add(hash(0), head(1, 1));
        tree.finalise(&hash(1), Instant::now()).unwrap();
        assert!(tree.heads().is_some());
    }

    #[test]
    fn tree_should_refuse_when_another_block_is_final_at_the_same_height() {
        let mut tree = forked();
        assert_eq!(tree.start(head(7, 1)), Err(Contradiction { number: 1 }));
    }

    #[test]
    fn tree_should_refuse_when_it_catches_up_on_another_chain() {
        let mut tree = forked();
        tree.start(head(0, 0)).unwrap();
        tree.add(hash(0), head(7, 1));
        assert_eq!(tree.finalise(&hash(7), Instant::now()), Err(Contradiction { number: 1 }));
        assert_eq!(tree.heads(), None);
    }

    #[test]
    fn tree_should_remember_an_earlier_run_when_given_its_floor() {
        let mut tree = BlockTree::with_floor(Some((5, hash(5))));
        tree.start(head(3, 3)).unwrap();
        tree.add(hash(3), head(4, 4));
        tree.finalise(&hash(4), Instant::now()).unwrap();
        assert_eq!(tree.heads(), None);
        assert_eq!(tree.floor(), Some((5, hash(5))));
    }

    #[test]
    fn tree_should_ignore_a_block_when_its_parent_is_unknown() {
        let mut tree = forked();
        let before = leaves(&tree);
        tree.add(hash(77), head(78, 9));
        assert_eq!(leaves(&tree), before);
    }

    #[test]
    fn tree_should_keep_the_first_import_time_when_a_block_is_announced_again() {
        let mut tree = forked();
        let first = tree.heads().unwrap().leaves[0].imported;
        let mut again = head(4, 2);
        again.imported = first + std::time::Duration::from_secs(9);
        tree.add(hash(1), again);
        assert_eq!(tree.heads().unwrap().leaves[0].imported, first);
    }
}
