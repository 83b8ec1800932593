//! README.md, "Containment", as literally as it can be written.

use super::coverage::{Branch, Coverage};
use super::masks::is_in;
use super::model::{Scope, System, Terms, Token};

/// `a <= b` for scopes.
pub fn scope_within(a: &Scope, b: &Scope, seen: &mut Coverage) -> bool {
    let mut flaws = Vec::new();
    if b.resource_type.is_some() && a.resource_type != b.resource_type {
        flaws.push(Branch::NotWithinType);
    }
    if !a.actions.iter().all(|action| b.actions.contains(action)) {
        flaws.push(Branch::NotWithinActions);
    }
    flaws.extend(tokens_flaw(
        a.category.as_deref(),
        b.category.as_deref(),
        Branch::NotWithinNoCategory,
        Branch::NotWithinCategory,
    ));
    flaws.extend(tokens_flaw(
        a.code.as_deref(),
        b.code.as_deref(),
        Branch::NotWithinNoCode,
        Branch::NotWithinCode,
    ));
    let of_b: &[Token] = b.security.as_deref().unwrap_or(&[]);
    if !a.security.iter().flatten().all(|token| of_b.contains(token)) {
        flaws.push(Branch::NotWithinSecurity);
    }
    match (&a.elements, &b.elements) {
        (_, None) => {}
        (None, Some(_)) => flaws.push(Branch::NotWithinNoElements),
        (Some(mine), Some(theirs)) => {
            if !mine.iter().all(|path| theirs.iter().any(|other| is_in(path, other))) {
                flaws.push(Branch::NotWithinElements);
            }
        }
    }
    seen.hit_sole(&flaws);
    if flaws.is_empty() {
        count_within(a, b, seen);
    }
    flaws.is_empty()
}

fn tokens_flaw(a: Option<&[Token]>, b: Option<&[Token]>, absent: Branch, other: Branch) -> Option<Branch> {
    match (a, b) {
        (_, None) => None,
        (None, Some(_)) => Some(absent),
        (Some(mine), Some(theirs)) => {
            let each = |mine: &Token| theirs.iter().any(|theirs| matches_only(mine, theirs));
            (!mine.iter().all(each)).then_some(other)
        }
    }
}

/// Whether `a` matches only what `b` matches.
fn matches_only(a: &Token, b: &Token) -> bool {
    a.code == b.code && (b.system == System::Any || a.system == b.system)
}

fn count_within(a: &Scope, b: &Scope, seen: &mut Coverage) {
    seen.hit(Branch::Within);
    seen.hit_if(Branch::WithinAnyType, a.resource_type.is_some() && b.resource_type.is_none());
    for (mine, theirs) in [(&a.category, &b.category), (&a.code, &b.code)] {
        if let (Some(mine), Some(theirs)) = (mine, theirs) {
            seen.hit(Branch::WithinToken);
            let widened = mine.iter().any(|token| !theirs.contains(token));
            seen.hit_if(Branch::WithinSystem, widened);
        }
    }
    let more = a.security.iter().flatten().count() < b.security.iter().flatten().count();
    seen.hit_if(Branch::WithinSecurity, more);
    if let (Some(mine), Some(theirs)) = (&a.elements, &b.elements) {
        seen.hit(Branch::WithinElements);
        let beneath = mine.iter().any(|path| !theirs.contains(path));
        seen.hit_if(Branch::WithinElementsBeneath, beneath);
    }
}

/// `a <= b` for terms.
pub fn terms_within(a: &Terms, b: &Terms, seen: &mut Coverage) -> bool {
    let mut flaws = Vec::new();
    let mut scope_is_within = |a: &Scope| b.scopes.iter().any(|b| scope_within(a, b, &mut Coverage::new()));
    if !a.scopes.iter().all(&mut scope_is_within) {
        flaws.push(Branch::TermsNotWithinScopes);
    }
    if !a.purposes.iter().all(|purpose| b.purposes.contains(purpose)) {
        flaws.push(Branch::TermsNotWithinPurposes);
    }
    if !b.staff.is_empty() {
        if a.staff.is_empty() {
            flaws.push(Branch::TermsNotWithinAllStaff);
        } else if !a.staff.iter().all(|person| b.staff.contains(person)) {
            flaws.push(Branch::TermsNotWithinStaff);
        }
    }
    match (a.period, b.period) {
        (_, None) => {}
        (None, Some(_)) => flaws.push(Branch::TermsNotWithinNoPeriod),
        (Some((a_first, a_last)), Some((b_first, b_last))) => {
            let first = b_first.is_none_or(|b| a_first.is_some_and(|a| b <= a));
            let last = b_last.is_none_or(|b| a_last.is_some_and(|a| a <= b));
            if !first || !last {
                flaws.push(Branch::TermsNotWithinPeriod);
            }
        }
    }
    seen.hit_sole(&flaws);
    if flaws.is_empty() {
        seen.hit(Branch::TermsWithin);
        seen.hit_if(Branch::TermsWithinPeriod, b.period.is_some());
        seen.hit_if(Branch::TermsWithinStaff, !b.staff.is_empty());
    }
    flaws.is_empty()
}
