//! Random parts for property tests, drawn from small pools so that they meet.

use alloc::{string::String, vec::Vec};

use medrec_primitives::StaffId;
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::{
    mask::ElementMask,
    purpose::Purpose,
    resource::ResourceType,
    row::{Coding, Date, Row},
    scope::{Action, Actions, ElementPath, PathSet, Scope, Token, TypeSelector},
    terms::{Period, Terms},
};

/// Some element path.
pub fn path() -> impl Strategy<Value = ElementPath> {
    vec(select(vec!["a", "b", "ab", "c"]), 1..4).prop_map(|names| names.join(".").parse().unwrap())
}

/// Some set of paths.
pub fn paths() -> impl Strategy<Value = PathSet> {
    vec(path(), 1..4).prop_map(|paths| PathSet::new(paths).unwrap())
}

/// Some mask.
pub fn mask() -> impl Strategy<Value = ElementMask> {
    prop_oneof![
        1 => Just(ElementMask::All),
        1 => Just(ElementMask::Nothing),
        6 => paths().prop_map(ElementMask::Paths),
    ]
}

/// A code with its system, owned.
#[derive(Clone, Debug)]
pub struct OwnedCoding(Option<String>, String);

impl OwnedCoding {
    /// As the policy wants it.
    pub fn borrow(&self) -> Coding<'_> {
        Coding { system: self.0.as_deref(), code: &self.1 }
    }
}

fn code() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "c"]).prop_map(String::from)
}

fn system() -> impl Strategy<Value = String> {
    select(vec!["x", "http://y"]).prop_map(String::from)
}

/// Some coding.
pub fn coding() -> impl Strategy<Value = OwnedCoding> {
    (option::of(system()), code()).prop_map(|(system, code)| OwnedCoding(system, code))
}

/// Some token.
pub fn token() -> impl Strategy<Value = Token> {
    let text = prop_oneof![
        code(),
        code().prop_map(|code| ["|", &code].concat()),
        (system(), code()).prop_map(|(system, code)| [&system, "|", &code].concat()),
    ];
    text.prop_map(|text| text.parse().unwrap())
}

/// Some day.
pub fn date() -> impl Strategy<Value = Date> {
    (18_000..18_006).prop_map(|days| Date::from_days(days).unwrap())
}

/// Some period.
pub fn period() -> impl Strategy<Value = Period> {
    (option::of(date()), option::of(date())).prop_map(|(one, two)| match (one, two) {
        (Some(one), Some(two)) => Period::new(Some(one.min(two)), Some(one.max(two))).unwrap(),
        (None, None) => Period::new(Date::from_days(18_003), None).unwrap(),
        (from, to) => Period::new(from, to).unwrap(),
    })
}

/// A row, owned.
#[derive(Clone, Debug)]
pub struct OwnedRow {
    resource_type: &'static str,
    codings: [Vec<OwnedCoding>; 3],
    date: Option<Date>,
}

/// A row, half-way to what the policy wants.
#[derive(Debug)]
pub struct BorrowedRow<'a> {
    resource_type: &'static str,
    codings: [Vec<Coding<'a>>; 3],
    date: Option<Date>,
}

impl OwnedRow {
    /// Half-way to what the policy wants.
    pub fn borrow(&self) -> BorrowedRow<'_> {
        let codings =
            self.codings.each_ref().map(|codings| codings.iter().map(OwnedCoding::borrow).collect());
        BorrowedRow { resource_type: self.resource_type, codings, date: self.date }
    }
}

impl BorrowedRow<'_> {
    /// As the policy wants it.
    pub fn row(&self) -> Row<'_> {
        let [categories, codes, labels] = &self.codings;
        Row { resource_type: self.resource_type, categories, codes, labels, date: self.date }
    }
}

const TYPES: [&str; 2] = ["Observation", "Patient"];

/// Some row.
pub fn row() -> impl Strategy<Value = OwnedRow> {
    (
        select(TYPES.to_vec()),
        [vec(coding(), 0..3), vec(coding(), 0..3), vec(coding(), 0..2)],
        option::of(date()),
    )
        .prop_map(|(resource_type, codings, date)| OwnedRow { resource_type, codings, date })
}

fn selector() -> impl Strategy<Value = TypeSelector> {
    prop_oneof![
        Just(TypeSelector::Any),
        select(TYPES.to_vec()).prop_map(|name| TypeSelector::Of(ResourceType::named(name).unwrap())),
    ]
}

fn actions() -> impl Strategy<Value = Actions> {
    prop_oneof![
        2 => Just("rs".parse().unwrap()),
        1 => vec(select(Action::ALL.to_vec()), 1..5).prop_map(|actions| Actions::new(actions).unwrap()),
    ]
}

fn tokens() -> impl Strategy<Value = Vec<Token>> {
    prop_oneof![2 => Just(Vec::new()), 1 => vec(token(), 1..4)]
}

/// Some scope.
pub fn scope() -> impl Strategy<Value = Scope> {
    (selector(), actions(), tokens(), tokens(), tokens(), option::of(paths())).prop_map(
        |(resource, actions, categories, codes, security, elements)| {
            let scope = Scope::new(resource, actions)
                .with_categories(categories)
                .with_codes(codes)
                .with_security(security);
            match elements {
                Some(elements) => scope.with_elements(elements),
                None => scope,
            }
        },
    )
}

/// Two scopes, of which the first is often, and not always, within the second.
pub fn scope_pair() -> impl Strategy<Value = (Scope, Scope)> {
    (scope(), scope(), any::<[bool; 5]>()).prop_map(
        |(outer, other, [resource, categories, codes, security, elements])| {
            let resource = if resource { outer.resource() } else { other.resource() };
            let narrowed = Scope::new(resource, outer.actions())
                .with_categories(pick(categories, &outer, &other, Scope::categories))
                .with_codes(pick(codes, &outer, &other, Scope::codes))
                .with_security(pick(security, &outer, &other, Scope::security));
            let narrowed = match if elements { outer.elements() } else { other.elements() } {
                Some(paths) => narrowed.with_elements(paths.clone()),
                None => narrowed,
            };
            (narrowed, outer)
        },
    )
}

fn pick(own: bool, one: &Scope, two: &Scope, part: fn(&Scope) -> &[Token]) -> Vec<Token> {
    part(if own { one } else { two }).to_vec()
}

fn staff() -> impl Strategy<Value = Vec<StaffId>> {
    vec((0..2u32, 0..2u32).prop_map(|(member, index)| StaffId::new(member, index)), 0..3)
}

fn purposes() -> impl Strategy<Value = Vec<Purpose>> {
    vec(select(vec![Purpose::Treatment, Purpose::Payment, Purpose::EmergencyTreatment]), 0..3)
}

/// Some terms.
pub fn terms() -> impl Strategy<Value = Terms> {
    (vec(scope(), 1..4), purposes(), option::of(period()), staff())
        .prop_map(|(scopes, purposes, period, staff)| Terms::new(scopes, purposes, period, staff).unwrap())
}

/// Two terms, of which the first are often, and not always, within the second.
pub fn terms_pair() -> impl Strategy<Value = (Terms, Terms)> {
    (vec(scope_pair(), 1..3), vec(scope(), 0..2), terms(), any::<[bool; 3]>()).prop_map(
        |(pairs, more, outer, [purposes, period, staff])| {
            let (inner, mut wide): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            wide.extend(more);
            let inner = Terms::new(
                inner,
                if purposes { outer.purposes() } else { &[] }.to_vec(),
                if period { outer.period() } else { None },
                if staff { outer.staff() } else { &[] }.to_vec(),
            );
            let outer = Terms::new(wide, outer.purposes().to_vec(), outer.period(), outer.staff().to_vec());
            (inner.unwrap(), outer.unwrap())
        },
    )
}
