//! What is done next: drawn at random, so that most of it succeeds and a good part is wrong.

mod access;
mod burst;
mod permissions;
mod registry;
mod relationships;

use medrec_primitives::{CustodianRights, RelationshipId, RelationshipStatus, StaffId};
use medrec_runtime::{Runtime, RuntimeCall};

use super::{apply::Origin, draw::Draw, world::World};

type Registry = pallet_registry::Call<Runtime>;
type Relationships = pallet_relationships::Call<Runtime>;
type Permissions = pallet_permissions::Call<Runtime>;
type Access = pallet_access::Call<Runtime>;

/// A call, and who makes it.
pub type Operation = (Origin, RuntimeCall);

/// A person, where there is none to draw.
const NOBODY: StaffId = StaffId::new(0, 0);

const READ: CustodianRights = CustodianRights::READ;
const GRANT: CustodianRights = CustodianRights::GRANT;
const MANAGE: CustodianRights = CustodianRights::MANAGE;

impl Draw {
    /// The next operation.
    pub fn operation(&mut self, world: &mut World) -> Operation {
        if let Some(next) = self.script.pop_front() {
            return next;
        }
        let (origin, call) = match self.below(100) {
            0..11 => self.registry(world),
            11..46 => self.relationships(world),
            46..77 => self.permissions(world),
            77..98 => self.access(world),
            _ => {
                self.burst(world);
                return self.operation(world);
            }
        };
        // Sometimes the consortium's calls are made by others, and others' by the consortium.
        match origin {
            Origin::Consortium if self.percent(8) => (Origin::Key(self.stranger()), call),
            Origin::Key(_) if self.below(400) == 0 => (Origin::Consortium, call),
            Origin::Nobody if self.percent(3) => (Origin::Key(self.stranger()), call),
            origin => (origin, call),
        }
    }

    fn active(&mut self, world: &World) -> RelationshipId {
        self.relationship(world, |_, r| world.status(r) == RelationshipStatus::Active)
    }
}
