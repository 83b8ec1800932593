//! Terms: what a sealed rule covers.

mod covers;
mod dictionary;
mod pack;
mod period;
mod text;

use alloc::{string::ToString, sync::Arc, vec::Vec};

use medrec_primitives::StaffId;

pub use pack::{PackError, UnpackError};
pub use period::Period;

use crate::{error::ParseError, purpose::Purpose, scope::Scope};

/// What a rule covers: scopes, purposes, data period, staff. See the crate's page for the grammar. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Terms(Arc<Parts>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Parts {
    scopes: Vec<Scope>,
    purposes: Vec<Purpose>,
    period: Option<Period>,
    staff: Vec<StaffId>,
}

impl Terms {
    /// Terms of these parts, put in order; refused without any scope.
    ///
    /// Without purposes, an allow is void and a denial binds for every purpose. Without staff, nobody of the staff is
    /// left out.
    pub fn new(
        scopes: impl IntoIterator<Item = Scope>,
        purposes: impl IntoIterator<Item = Purpose>,
        period: Option<Period>,
        staff: impl IntoIterator<Item = StaffId>,
    ) -> Result<Self, ParseError> {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        scopes.sort_by_cached_key(ToString::to_string);
        scopes.dedup();
        if scopes.is_empty() {
            return Err(ParseError::NoScope);
        }
        Ok(Self(Arc::new(Parts { scopes, purposes: sorted(purposes), period, staff: sorted(staff) })))
    }

    /// The scopes, sorted by their texts; at least one.
    pub fn scopes(&self) -> &[Scope] {
        &self.0.scopes
    }

    /// The purposes, sorted; may be empty.
    pub fn purposes(&self) -> &[Purpose] {
        &self.0.purposes
    }

    /// The data period, if there is one.
    pub fn period(&self) -> Option<Period> {
        self.0.period
    }

    /// The persons, sorted; empty for all.
    pub fn staff(&self) -> &[StaffId] {
        &self.0.staff
    }
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort_unstable();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_should_be_put_in_order_when_made_of_parts() {
        let scope = |text: &str| text.parse::<Scope>().unwrap();
        let terms = Terms::new(
            [scope("patient/Patient.r"), scope("patient/*.r"), scope("patient/Patient.r")],
            [Purpose::Treatment, Purpose::Payment, Purpose::Treatment],
            None,
            [StaffId::new(3, 10), StaffId::new(3, 4)],
        );
        let text = "patient/*.r patient/Patient.r;purpose=HPAYMT,TREAT;staff=s3-4,s3-10";
        assert_eq!(terms, text.parse());
    }

    #[test]
    fn terms_should_be_refused_when_without_scope() {
        assert_eq!(Terms::new([], [Purpose::Treatment], None, []), Err(ParseError::NoScope));
    }
}
