//! Clients are generated from the metadata, so it may not change under one `spec_version`.

use medrec_runtime::{Runtime, VERSION};
use sp_core::bytes::to_hex;
use sp_io::TestExternalities;
use subxt_metadata::Metadata;

/// One line for each version: `<spec_version> <digest>`, oldest first.
const RECORD: &str = include_str!("../../metadata.txt");

/// What clients read of the runtime.
pub fn metadata() -> Metadata {
    // Some constants are read from storage.
    let encoded = TestExternalities::default()
        .execute_with(|| Runtime::metadata_at_version(15))
        .expect("the runtime states its metadata in version 15");
    Metadata::decode_from(&encoded).expect("metadata decodes")
}

/// Digest of pallets, calls, events, errors, storage, constants and runtime APIs; documentation is left out.
fn digest() -> String {
    to_hex(&metadata().hasher().hash(), false)
}

fn recorded() -> Vec<(u32, &'static str)> {
    RECORD
        .lines()
        .map(|line| line.split_once(' ').expect("version and digest"))
        .map(|(version, digest)| (version.parse().expect("a version"), digest))
        .collect()
}

#[test]
fn metadata_should_change_only_when_spec_version_is_raised() {
    let now = (VERSION.spec_version, digest());
    let recorded = recorded();
    let last = recorded.last().expect("versions are on record");
    assert_eq!(
        (last.0, last.1),
        (now.0, now.1.as_str()),
        "the metadata changed: raise `spec_version` unless it was raised since the last release, and put \
         `{} {}` at the end of runtime/metadata.txt, in place of the line of the same version if there is one",
        now.0,
        now.1,
    );
}

#[test]
fn versions_on_record_should_rise_when_read_in_order() {
    let recorded = recorded();
    assert!(recorded.is_sorted_by(|(a, _), (b, _)| a < b), "{recorded:?}");
}
