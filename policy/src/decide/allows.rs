//! Rule 8: allows, and those they were shared onward from.

use alloc::vec::Vec;

use medrec_primitives::{Facts, Grant, GrantFacts, GrantId, GrantTerms};

use super::{about::Asker, Opening, Request};
use crate::{mask::ElementMask, row::Row, scope::Action, terms::Terms};

/// How many rules a rule may have above it.
const MAX_ANCESTORS: usize = 4;

/// The allows that are about the asker and in force.
#[derive(Default)]
pub(super) struct Allows {
    /// Those that apply.
    pub rules: Vec<Rule>,
    /// Whether there are some that could apply, once somebody opens them.
    pub needs_opening: bool,
}

/// An allow that applies, with what it was shared onward from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Its identifier.
    pub id: GrantId,
    /// What limits it; nothing if it is `Everything`.
    limit: Option<Terms>,
    /// What else limits it: the terms above it.
    more: Vec<Terms>,
}

impl Rule {
    fn limited(&mut self, terms: Terms) {
        match &self.limit {
            None => self.limit = Some(terms),
            Some(_) => self.more.push(terms),
        }
    }

    /// What of `row` it covers: what all of its terms do.
    pub fn mask(&self, action: Action, row: &Row<'_>) -> ElementMask {
        self.limit.iter().chain(&self.more).fold(ElementMask::All, |mask, terms| match mask {
            ElementMask::Nothing => mask,
            _ => mask.intersect(&terms.allowed(action, row)),
        })
    }
}

/// The allows about the asker that apply or could.
pub(super) fn gather(
    asker: &Asker<'_>,
    request: &Request<'_>,
    open: &dyn Fn(&GrantFacts) -> Opening,
) -> Allows {
    let mut allows = Allows::default();
    for rule in asker.facts.grants.iter().filter(|rule| asker.is_allowed_by(&rule.grant)) {
        match apply(rule, asker, request, open) {
            Outcome::Void => (),
            Outcome::NeedsOpening => allows.needs_opening = true,
            Outcome::Applies(rule) => allows.rules.push(rule),
        }
    }
    allows
}

enum Outcome {
    Void,
    NeedsOpening,
    Applies(Rule),
}

fn apply(
    own: &GrantFacts,
    asker: &Asker<'_>,
    request: &Request<'_>,
    open: &dyn Fn(&GrantFacts) -> Opening,
) -> Outcome {
    // Before anything is opened, which is dear.
    let Some(ancestors) = ancestors(&own.grant, asker) else {
        return Outcome::Void;
    };
    let mut applying = Rule { id: own.id, limit: None, more: Vec::new() };
    let mut needs_opening = false;
    let line = || core::iter::once(own).chain(ancestors.into_iter().flatten());
    // Beside each rule the one beneath it, which was shared onward from it.
    let beneath = core::iter::once(None).chain(line().map(Some));
    for (rule, beneath) in line().zip(beneath) {
        let opening = match rule.grant.terms {
            GrantTerms::Everything => continue,
            GrantTerms::Sealed(_) => open(rule),
        };
        match opening {
            // Goes on: a void one above beats this.
            Opening::Unopened => needs_opening = true,
            Opening::Opened(terms)
                if allows(&terms, request)
                    && beneath.map_or_else(
                        || asker.is_staff_allowed_by(&terms),
                        |shared| terms.admits_staff(shared.sharer),
                    ) =>
            {
                applying.limited(terms);
            }
            Opening::Failed | Opening::Opened(_) => return Outcome::Void,
        }
    }
    if needs_opening {
        Outcome::NeedsOpening
    } else {
        Outcome::Applies(applying)
    }
}

/// Whether opened terms allow something of what is requested, to whomever.
fn allows(terms: &Terms, request: &Request<'_>) -> bool {
    terms.names_purpose(request.purpose) && terms.covers(request.action, request.resource_type)
}

/// The rules that `grant` was shared onward from, the nearest first; `None` if that makes it void.
fn ancestors<'a>(grant: &Grant, asker: &Asker<'a>) -> Option<[Option<&'a GrantFacts>; MAX_ANCESTORS]> {
    let mut line = [None; MAX_ANCESTORS];
    let mut parent = grant.parent;
    for place in &mut line {
        let Some(id) = parent else { break };
        let rule = find(asker.facts, id)?;
        let holds = rule.grant.may_share && asker.is_in_force(&rule.grant);
        if !holds || asker.is_key_denied(&rule.grant.viewer) {
            return None;
        }
        *place = Some(rule);
        parent = rule.grant.parent;
    }
    // Longer lines are void, and rings among them.
    parent.is_none().then_some(line)
}

/// The rule of this identifier. Facts hold them in order; in any other order some are not found, which allows less.
fn find(facts: &Facts, id: GrantId) -> Option<&GrantFacts> {
    let place = facts.grants.binary_search_by_key(&id, |rule| rule.id).ok()?;
    facts.grants.get(place)
}
