//! Plain data: what the naive rules work on, and what the generator makes.
//!
//! Nothing here knows `medrec_policy`. Text is written by [`Scope`]'s and [`Terms`]' `Display`, from the
//! grammar in README.md.

use core::fmt;
use medrec_primitives::{MemberStatus, RelationshipStatus, StaffRole};

/// A key; see `translate` for the account it stands for.
pub type Key = u8;
/// A person on a member's staff: member, index.
pub type StaffId = (u32, u32);
/// Days since 1970-01-01.
pub type Day = i32;

/// The days that ever occur, with their text.
pub const DAYS: [(Day, &str); 6] = [
    (-1, "1969-12-31"),
    (0, "1970-01-01"),
    (18320, "2020-02-28"),
    (18321, "2020-02-29"),
    (18322, "2020-03-01"),
    (18628, "2021-01-01"),
];

fn day_text(day: Day) -> &'static str {
    DAYS.iter().find(|(number, _)| *number == day).map_or("?", |(_, text)| text)
}

/// An action of SMART App Launch v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    Create,
    Read,
    Update,
    Delete,
    Search,
}

/// In the order of the grammar.
pub const ACTIONS: [(Action, char); 5] = [
    (Action::Create, 'c'),
    (Action::Read, 'r'),
    (Action::Update, 'u'),
    (Action::Delete, 'd'),
    (Action::Search, 's'),
];

/// What a token says of the system of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// `code`: any system, or none.
    Any,
    /// `|code`: none.
    None,
    /// `system|code`: this one.
    Named(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    pub system: System,
    pub code: &'static str,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.system {
            System::Any => write!(f, "{}", self.code),
            System::None => write!(f, "|{}", self.code),
            System::Named(system) => write!(f, "{system}|{}", self.code),
        }
    }
}

/// A scope; `None` stands for a parameter, or a type, that is not there. No list is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub resource_type: Option<&'static str>,
    pub actions: Vec<Action>,
    pub category: Option<Vec<Token>>,
    pub code: Option<Vec<Token>>,
    pub security: Option<Vec<Token>>,
    pub elements: Option<Vec<&'static str>>,
}

impl Scope {
    /// Whether it is about resources of this type.
    pub fn is_of_type(&self, resource_type: &str) -> bool {
        self.resource_type.is_none_or(|of_scope| of_scope == resource_type)
    }

    /// Whether it allows, or denies, this action.
    pub fn has_action(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }
}

/// Lists are sorted by their text.
fn sorted<T: fmt::Display>(items: &[T]) -> Vec<String> {
    let mut texts: Vec<String> = items.iter().map(T::to_string).collect();
    texts.sort();
    texts.dedup();
    texts
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "patient/{}.", self.resource_type.unwrap_or("*"))?;
        for (action, letter) in ACTIONS {
            if self.has_action(action) {
                write!(f, "{letter}")?;
            }
        }
        let mut params = Vec::new();
        for (name, tokens) in
            [("category", &self.category), ("code", &self.code), ("_security", &self.security)]
        {
            if let Some(tokens) = tokens {
                params.push(format!("{name}={}", sorted(tokens).join(",")));
            }
        }
        if let Some(elements) = &self.elements {
            params.push(format!("_elements={}", sorted(elements).join(",")));
        }
        if params.is_empty() {
            Ok(())
        } else {
            write!(f, "?{}", params.join("&"))
        }
    }
}

/// Opened terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub scopes: Vec<Scope>,
    pub purposes: Vec<&'static str>,
    /// First and last day; at least one is there.
    pub period: Option<(Option<Day>, Option<Day>)>,
    pub staff: Vec<StaffId>,
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", sorted(&self.scopes).join(" "))?;
        if !self.purposes.is_empty() {
            write!(f, ";purpose={}", sorted(&self.purposes).join(","))?;
        }
        if let Some((first, last)) = self.period {
            let text = |day: Option<Day>| day.map_or("", day_text);
            write!(f, ";period={}..{}", text(first), text(last))?;
        }
        if !self.staff.is_empty() {
            let mut staff = self.staff.clone();
            staff.sort_unstable();
            staff.dedup();
            let texts: Vec<String> =
                staff.iter().map(|(member, index)| format!("s{member}-{index}")).collect();
            write!(f, ";staff={}", texts.join(","))?;
        }
        Ok(())
    }
}

/// Whom a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    Key(Key),
    Member(u32),
    Group(u32),
}

/// The terms of a rule, and what became of them if they are sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sealed {
    Everything,
    Unopened,
    Failed,
    Opened(Terms),
}

/// A grant or denial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: u32,
    pub viewer: Viewer,
    pub allow: bool,
    pub terms: Sealed,
    pub not_before: Option<u64>,
    pub not_after: Option<u64>,
    pub may_share: bool,
    pub parent: Option<u32>,
    /// Who on a staff shared it.
    pub sharer: Option<StaffId>,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = if self.allow { "allow" } else { "deny" };
        let terms = match &self.terms {
            Sealed::Opened(terms) => format!("\"{terms}\""),
            other => format!("{other:?}"),
        };
        let moment = |moment: Option<u64>| moment.map_or(String::new(), |at| at.to_string());
        write!(
            f,
            "#{} {effect} {:?} {terms} from {}..{}{}",
            self.id,
            self.viewer,
            moment(self.not_before),
            moment(self.not_after),
            if self.may_share { " may share" } else { "" },
        )?;
        self.parent.map_or(Ok(()), |parent| write!(f, " parent #{parent}"))?;
        self.sharer.map_or(Ok(()), |sharer| write!(f, " shared by {sharer:?}"))
    }
}

/// Someone who acts for the patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custodian {
    pub key: Key,
    /// The right `READ`, and what other bits there are.
    pub read: bool,
    pub other_rights: u8,
    pub not_before: u64,
    pub not_after: Option<u64>,
}

/// The asker's place on a member's staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    pub id: StaffId,
    pub role: StaffRole,
    pub from: u64,
    pub until: u64,
    pub member_status: MemberStatus,
    pub groups: Vec<u32>,
}

/// What the chain knows at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The block's timestamp, which no decision looks at: the request's clock counts.
    pub now: u64,
    pub provider: MemberStatus,
    pub relationship: RelationshipStatus,
    pub patient: Key,
    pub custodians: Vec<Custodian>,
    pub opt_out: bool,
    pub over_denials: bool,
    pub viewer: Key,
    pub staff: Option<Staff>,
    pub rules: Vec<Rule>,
    /// The broken glass: from, until.
    pub glass: Option<(u64, u64)>,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  provider {:?}, relationship {:?}, patient {}, viewer {}, glass {:?}, opt-out {}, over denials {}",
            self.provider, self.relationship, self.patient, self.viewer, self.glass, self.opt_out, self.over_denials,
        )?;
        for custodian in &self.custodians {
            writeln!(f, "  {custodian:?}")?;
        }
        if let Some(staff) = &self.staff {
            writeln!(f, "  {staff:?}")?;
        }
        for rule in &self.rules {
            writeln!(f, "  {rule}")?;
        }
        Ok(())
    }
}

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub purpose: &'static str,
    pub action: Action,
    pub resource_type: &'static str,
    pub earliest: u64,
    pub latest: u64,
    /// Hand over the two readings the wrong way round.
    pub reversed: bool,
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} {} for {} at {}..={}{}",
            self.action,
            self.resource_type,
            self.purpose,
            self.earliest,
            self.latest,
            if self.reversed { " (reversed)" } else { "" },
        )
    }
}

/// A code of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    pub system: Option<&'static str>,
    pub code: &'static str,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub resource_type: &'static str,
    pub categories: Vec<Coding>,
    pub codes: Vec<Coding>,
    pub labels: Vec<Coding>,
    pub day: Option<Day>,
}
