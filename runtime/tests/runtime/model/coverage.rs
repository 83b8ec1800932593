//! What was tried and what came of it, so that the test cannot pass by doing nothing.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::traits::GetCallMetadata;
use medrec_runtime::{Runtime, RuntimeCall};
use scale_info::{TypeDef, TypeInfo};
use sp_runtime::{ApplyExtrinsicResult, DispatchError, ModuleError};

/// Errors that a world of this size does not come to: limits of thousands, and identifiers of 32 bits.
const OUT_OF_REACH: [&str; 10] = [
    "Registry::IdsExhausted",
    "Registry::TooManyStaff",
    "Registry::GroupFull",
    "Relationships::IdsExhausted",
    // 64 grants that stand in one relationship at once: some seeds come to it, in 10^5 operations, and some do not.
    "Relationships::TooManyAllows",
    "Permissions::MemberQuotaUsedUp",
    "Permissions::TooManyOpenReviews",
    "Permissions::BreaksExhausted",
    "Access::IdsExhausted",
    // The pool refuses such receipts before.
    "Access::NotReady",
];

/// How often each call had each outcome.
#[derive(Default)]
pub struct Coverage {
    outcomes: BTreeMap<(String, String), u32>,
    errors: BTreeSet<String>,
}

impl Coverage {
    pub fn note(&mut self, call: &RuntimeCall, outcome: &ApplyExtrinsicResult) {
        let metadata = call.get_call_metadata();
        let outcome = match outcome {
            Ok(Ok(())) => "ok".into(),
            Ok(Err(DispatchError::Module(ModuleError { index, message, .. }))) => {
                let error = format!("{}::{}", pallet(*index), message.unwrap_or("?"));
                self.errors.insert(error.clone());
                error
            }
            other => format!("{other:?}"),
        };
        let name = format!("{}::{}", metadata.pallet_name, metadata.function_name);
        *self.outcomes.entry((name, outcome)).or_default() += 1;
    }

    fn count(&self, call: &str, outcome: &str) -> u32 {
        self.outcomes.get(&(call.into(), outcome.into())).copied().unwrap_or(0)
    }

    /// A line for each call and outcome.
    pub fn table(&self) -> String {
        let line =
            |((call, outcome), count): (&(String, String), &u32)| format!("{count:>7} {call} {outcome}\n");
        self.outcomes.iter().map(line).collect()
    }

    /// Every call has succeeded and failed often enough, and where it went on for long every error within reach was seen.
    pub fn assert_complete(&self, least: u32, long: bool) {
        let mut missing = Vec::new();
        for module in ["Registry", "Relationships", "Permissions", "Access"] {
            for call in RuntimeCall::get_call_names(module) {
                let name = format!("{module}::{call}");
                let ok = self.count(&name, "ok");
                let all: u32 =
                    self.outcomes.iter().filter(|((of, _), _)| *of == name).map(|(_, count)| count).sum();
                if ok < least || all - ok < least {
                    missing.push(format!("{name}: {ok} successes, {} failures", all - ok));
                }
            }
        }
        let declared = errors::<pallet_registry::Error<Runtime>>("Registry")
            .chain(errors::<pallet_relationships::Error<Runtime>>("Relationships"))
            .chain(errors::<pallet_permissions::Error<Runtime>>("Permissions"))
            .chain(errors::<pallet_access::Error<Runtime>>("Access"));
        for error in declared {
            let within_reach = long && !OUT_OF_REACH.contains(&error.as_str());
            if within_reach && !self.errors.contains(&error) {
                missing.push(error);
            }
        }
        assert!(missing.is_empty(), "not tried enough: {missing:#?}\n{}", self.table());
    }
}

fn pallet(index: u8) -> &'static str {
    match index {
        40 => "Registry",
        41 => "Relationships",
        42 => "Permissions",
        43 => "Access",
        _ => "another pallet",
    }
}

/// The errors that a pallet declares.
fn errors<E: TypeInfo + 'static>(pallet: &'static str) -> impl Iterator<Item = String> {
    let TypeDef::Variant(errors) = E::type_info().type_def else { unreachable!("an error is an enum") };
    errors.variants.into_iter().map(move |variant| format!("{pallet}::{}", variant.name))
}
