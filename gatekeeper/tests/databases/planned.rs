//! What tests of planned tables are made of.

use std::path::Path;

use medrec_client::research::definition::Definition;
use medrec_gatekeeper::{mapping::Mapping, research::bound::Epoch};
use medrec_primitives::DAY_MS;

/// 2026-01-01 to 2026-04-01.
pub const EPOCH: Epoch = Epoch { begins: 20_454 * DAY_MS, ends: 20_544 * DAY_MS };

/// A definition with all that follows its title.
pub fn definition(rest: &str) -> Definition {
    Definition::read(&format!("version = 1\ntitle = \"T\"\n{rest}")).unwrap()
}

/// A mapping with this text.
pub fn mapping(text: &str) -> Mapping {
    Mapping::from_toml(text, Path::new("mapping.toml")).unwrap()
}
