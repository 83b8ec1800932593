//! Rule 7: denials.

use alloc::vec::Vec;

use medrec_primitives::{DenyReason, GrantFacts, GrantTerms};

use super::{about::Asker, Opening, Request};
use crate::terms::Terms;

/// The denials that are about the asker and in force.
#[derive(Default)]
pub(super) struct Denials {
    /// Those that take away some rows or elements.
    pub binding: Vec<Terms>,
    /// Whether there are some that nobody has tried to open.
    pub unopened: bool,
}

/// The denials about the asker, unless one of them takes away everything.
pub(super) fn gather(
    asker: &Asker<'_>,
    request: &Request<'_>,
    open: &dyn Fn(&GrantFacts) -> Opening,
) -> Result<Denials, DenyReason> {
    let mut denials = Denials::default();
    for rule in asker.facts.grants.iter().filter(|rule| asker.is_denied_by(&rule.grant)) {
        let opening = match rule.grant.terms {
            GrantTerms::Everything => return Err(DenyReason::Denied),
            GrantTerms::Sealed(_) => open(rule),
        };
        let terms = match opening {
            Opening::Failed => return Err(DenyReason::Denied),
            Opening::Unopened => {
                denials.unopened = true;
                continue;
            }
            Opening::Opened(terms) => terms,
        };
        if !binds(&terms, asker, request) {
            continue;
        }
        if terms.denies_all(request.action, request.resource_type) {
            return Err(DenyReason::Denied);
        }
        denials.binding.push(terms);
    }
    Ok(denials)
}

/// Whether opened terms bind the asker and take anything of the type asked for.
fn binds(terms: &Terms, asker: &Asker<'_>, request: &Request<'_>) -> bool {
    asker.is_staff_denied_by(terms)
        && (terms.purposes().is_empty() || terms.names_purpose(request.purpose))
        && terms.covers(request.action, request.resource_type)
}
