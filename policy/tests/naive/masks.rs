//! README.md, "What a permit covers" and the meaning of scopes, as literally as they can be written.

use std::collections::BTreeSet;

use super::coverage::{Branch, Coverage};
use super::model::{Ask, Coding, Day, Row, Rule, Scope, Sealed, System, Terms, Token};
use super::rules::{Capacity, Permit};

/// What may be seen of a row: everything, or these elements and what is beneath them. No path is beneath
/// another, so that one meaning has one mask. No paths is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mask {
    All,
    Paths(BTreeSet<&'static str>),
}

impl Mask {
    pub fn nothing() -> Self {
        Self::Paths(BTreeSet::new())
    }

    fn of(paths: impl IntoIterator<Item = &'static str>) -> Self {
        let paths: BTreeSet<&'static str> = paths.into_iter().collect();
        let beneath_another =
            |path: &&'static str| paths.iter().any(|other| other != path && is_in(path, other));
        Self::Paths(paths.iter().copied().filter(|path| !beneath_another(path)).collect())
    }

    /// Whether the whole of `path` may be seen.
    pub fn covers(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Paths(paths) => paths.iter().any(|allowed| is_in(path, allowed)),
        }
    }

    /// Whether `path` or anything beneath it may be seen.
    pub fn touches(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Paths(paths) => paths.iter().any(|allowed| is_in(path, allowed) || is_in(allowed, path)),
        }
    }

    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Paths(mine), Self::Paths(theirs)) => Self::of(mine.union(theirs).copied()),
            _ => Self::All,
        }
    }

    pub fn intersection(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, mask) | (mask, Self::All) => mask.clone(),
            (Self::Paths(mine), Self::Paths(theirs)) => {
                let mine_in_theirs = mine.iter().filter(|path| other.covers(path));
                let theirs_in_mine = theirs.iter().filter(|path| self.covers(path));
                Self::of(mine_in_theirs.chain(theirs_in_mine).copied())
            }
        }
    }

    /// Less what is denied: it, all beneath it, and all above it.
    fn less(&self, denied: &BTreeSet<&'static str>, seen: &mut Coverage) -> Self {
        if denied.is_empty() {
            return self.clone();
        }
        match self {
            // The whole row is above every element, and a mask cannot name the others one by one.
            Self::All => {
                seen.hit(Branch::ElementOfAllDenied);
                Self::nothing()
            }
            Self::Paths(paths) => {
                let mut kept = BTreeSet::new();
                for path in paths {
                    let same = denied.contains(path);
                    let beneath = denied.iter().any(|denied| is_in(path, denied));
                    let above = denied.iter().any(|denied| is_in(denied, path));
                    seen.hit_if(Branch::ElementDenied, same);
                    seen.hit_if(Branch::ElementBeneathDenied, beneath && !same);
                    seen.hit_if(Branch::ElementAboveDenied, above && !same);
                    if !beneath && !above {
                        seen.hit(Branch::ElementKept);
                        kept.insert(*path);
                    }
                }
                Self::Paths(kept)
            }
        }
    }
}

/// Whether `path` is `other` or beneath it.
pub fn is_in(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The mask of a row over several states: what each permits.
pub fn mask_across(permits: &[Permit], row: &Row, seen: &mut Coverage) -> Mask {
    let masks: Vec<Mask> = permits.iter().map(|permit| mask(permit, row, seen)).collect();
    let mut common = Mask::All;
    for mask in &masks {
        common = common.intersection(mask);
    }
    seen.hit_if(Branch::StatesMaskNarrows, masks.iter().any(|mask| *mask != common));
    common
}

/// The mask of a row.
pub fn mask(permit: &Permit, row: &Row, seen: &mut Coverage) -> Mask {
    let mask = match permit.capacity {
        // The permit is for what was asked, whoever asked it.
        _ if row.resource_type != permit.ask.resource_type => {
            seen.hit(Branch::RowOfOtherType);
            Mask::nothing()
        }
        Capacity::Patient | Capacity::Custodian => Mask::All,
        Capacity::Emergency => less_denials(Mask::All, permit, row, seen),
        Capacity::Viewer => {
            let masks: Vec<Mask> =
                permit.allows.iter().map(|chain| mask_of_chain(chain, &permit.ask, row, seen)).collect();
            let mut all = Mask::nothing();
            for mask in &masks {
                all = all.union(mask);
            }
            seen.hit_if(Branch::UnionWidens, masks.iter().all(|mask| *mask != all));
            less_denials(all, permit, row, seen)
        }
    };
    seen.hit(match &mask {
        Mask::All => Branch::MaskAll,
        Mask::Paths(paths) if paths.is_empty() => Branch::MaskNothing,
        Mask::Paths(_) => Branch::MaskPaths,
    });
    mask
}

fn mask_of_chain(chain: &[Rule], ask: &Ask, row: &Row, seen: &mut Coverage) -> Mask {
    let masks: Vec<Mask> = chain
        .iter()
        .map(|link| match &link.terms {
            Sealed::Everything => Mask::All,
            Sealed::Opened(terms) => mask_of_terms(terms, ask, row, seen),
            Sealed::Unopened | Sealed::Failed => Mask::nothing(),
        })
        .collect();
    let mut common = Mask::All;
    for mask in &masks {
        common = common.intersection(mask);
    }
    seen.hit_if(Branch::ChainNarrows, masks.first().is_some_and(|own| *own != common));
    common
}

fn mask_of_terms(terms: &Terms, ask: &Ask, row: &Row, seen: &mut Coverage) -> Mask {
    if let Some((first, last)) = terms.period {
        match row.day {
            None => {
                seen.hit(Branch::RowWithoutDate);
                return Mask::nothing();
            }
            Some(day) if !is_within(day, first, last) => {
                seen.hit(Branch::RowOutsidePeriod);
                return Mask::nothing();
            }
            Some(day) => {
                seen.hit(Branch::RowInsidePeriod);
                seen.hit_if(Branch::RowOnFirstDay, first == Some(day));
                seen.hit_if(Branch::RowOnLastDay, last == Some(day));
            }
        }
    }
    let mut mask = Mask::nothing();
    for scope in &terms.scopes {
        mask = mask.union(&mask_of_scope(scope, ask, row, seen));
    }
    mask
}

/// The mask of a row that an allowing scope gives.
pub fn mask_of_scope(scope: &Scope, ask: &Ask, row: &Row, seen: &mut Coverage) -> Mask {
    match &scope.elements {
        _ if !allow_covers(scope, ask, row, seen) => Mask::nothing(),
        None => Mask::All,
        Some(elements) => Mask::of(elements.iter().copied()),
    }
}

fn is_within(day: Day, first: Option<Day>, last: Option<Day>) -> bool {
    first.is_none_or(|first| first <= day) && last.is_none_or(|last| day <= last)
}

/// Whether an allowing scope covers a row.
fn allow_covers(scope: &Scope, ask: &Ask, row: &Row, seen: &mut Coverage) -> bool {
    let mut flaws = Vec::new();
    if !scope.has_action(ask.action) {
        flaws.push(Branch::RowOtherScopeAction);
    }
    flaws.extend(other_row(scope, row, matches));
    let named = |label: &Coding| scope.security.iter().flatten().any(|token| matches(token, label));
    if !row.labels.iter().all(named) {
        flaws.push(Branch::RowUnnamedLabel);
    }
    seen.hit_sole(&flaws);
    seen.hit_if(Branch::RowNamedLabel, flaws.is_empty() && !row.labels.is_empty());
    flaws.is_empty()
}

/// Why a scope is not about a row, labels aside.
fn other_row(scope: &Scope, row: &Row, matches: fn(&Token, &Coding) -> bool) -> Vec<Branch> {
    let mut flaws = Vec::new();
    if !scope.is_of_type(row.resource_type) {
        flaws.push(Branch::RowOtherScopeType);
    }
    if scope.category.as_ref().is_some_and(|tokens| !any_matches(tokens, &row.categories, matches)) {
        flaws.push(Branch::RowOtherCategory);
    }
    if scope.code.as_ref().is_some_and(|tokens| !any_matches(tokens, &row.codes, matches)) {
        flaws.push(Branch::RowOtherCode);
    }
    flaws
}

fn any_matches(tokens: &[Token], codings: &[Coding], matches: fn(&Token, &Coding) -> bool) -> bool {
    tokens.iter().any(|token| codings.iter().any(|coding| matches(token, coding)))
}

fn matches(token: &Token, coding: &Coding) -> bool {
    token.code == coding.code
        && match token.system {
            System::Any => true,
            System::None => coding.system.is_none(),
            System::Named(system) => coding.system == Some(system),
        }
}

/// Where a denial looks at a coding: without a system, it may be of any.
fn may_match(token: &Token, coding: &Coding) -> bool {
    matches(token, coding) || (token.code == coding.code && coding.system.is_none())
}

/// What of a row is denied, of rows of another type than was asked everything.
pub fn denied(permit: &Permit, row: &Row, seen: &mut Coverage) -> Mask {
    if row.resource_type != permit.ask.resource_type {
        return Mask::All;
    }
    let mut denied = Mask::nothing();
    for terms in &permit.denials {
        if let (Some((first, last)), Some(day)) = (terms.period, row.day) {
            if !is_within(day, first, last) {
                seen.hit(Branch::RowNotDeniedByPeriod);
                continue;
            }
        }
        for scope in &terms.scopes {
            if !denial_takes(scope, &permit.ask, row, seen) {
                continue;
            }
            let undated = terms.period.is_some() && row.day.is_none();
            seen.hit_if(Branch::RowDeniedWithoutDate, undated);
            denied = denied.union(&match &scope.elements {
                None => Mask::All,
                Some(elements) => Mask::of(elements.iter().copied()),
            });
        }
    }
    denied
}

fn less_denials(mask: Mask, permit: &Permit, row: &Row, seen: &mut Coverage) -> Mask {
    match denied(permit, row, seen) {
        Mask::All => {
            seen.hit_if(Branch::RowDenied, mask != Mask::nothing());
            Mask::nothing()
        }
        Mask::Paths(elements) => {
            let kept = !permit.denials.is_empty() && elements.is_empty();
            seen.hit_if(Branch::RowKeptFromDenial, kept);
            mask.less(&elements, seen)
        }
    }
}

/// Whether a denying scope takes a row, or elements of it.
fn denial_takes(scope: &Scope, ask: &Ask, row: &Row, seen: &mut Coverage) -> bool {
    if !scope.has_action(ask.action) || !other_row(scope, row, may_match).is_empty() {
        return false;
    }
    seen.hit_if(Branch::RowDeniedWithoutSystem, !other_row(scope, row, matches).is_empty());
    match &scope.security {
        None => true,
        Some(tokens) => {
            let carries = any_matches(tokens, &row.labels, may_match);
            seen.hit(if carries { Branch::RowDeniedByLabel } else { Branch::RowNotDeniedByLabel });
            carries
        }
    }
}
