//! Some elements of the rows of many patients: what statistics are made of.
//!
//! The statements are those of reads, but for three things: they name several patients at once, they select only the columns that are
//! looked at, and they have no limit, because what one patient's rows push out would be another's: rows are looked at as they come, and
//! not kept. Every row is looked at again, as in a read: whose it is, whether joined rows are the same patient's, what it says by the
//! mapping. Nothing in a row can make the whole fail: a value that does not fit its type is no value.

use std::collections::HashMap;

use medrec_primitives::RelationshipId;
use serde_json::Value;

use super::{
    assemble::{labels, withheld, Assembler, Notes},
    is_patients,
    sql::{self, DayTest, RecordNumber, Sieve},
    Cell, FetchError, Pseudonyms, Row, Session,
};
use crate::mapping::{model::*, Mapping};

/// What is looked at in the rows of one mapping.
pub(crate) struct View<'a> {
    mapping: &'a Mapping,
    resource: &'a ResourceMap,
    many: Option<&'a Many>,
    fields: Vec<Field<'a>>,
    /// Elements that nobody asked for, but whose unknown codes restrict a row.
    watched: Vec<&'a ElementMap>,
    base: Vec<usize>,
    own: Vec<usize>,
    sieve: Sieve<'a>,
    /// References are never looked at, and there is no relationship in which they would be.
    pseudonyms: Pseudonyms,
}

/// An element that is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    /// What gives it.
    pub(crate) sources: &'a [ValueSource],
    /// Its type.
    pub(crate) fhir_type: &'static str,
    /// Whether it is of an item that rows of another table give, and not of the resource itself.
    pub(crate) of_many: bool,
}

/// What a row says.
pub(crate) struct Seen {
    /// The fields, in order.
    pub(crate) values: Vec<Option<Value>>,
    /// Its security labels, as (system, code).
    pub(crate) labels: Vec<(String, String)>,
    /// Whether the provider withholds it from everyone.
    pub(crate) withheld: bool,
}

impl<'a> View<'a> {
    /// Looks at these fields of a mapping's rows; with `many`, at every item that rows of that table give. `sieve` is what
    /// the database applies first.
    pub(crate) fn new(
        mapping: &'a Mapping,
        resource: &'a ResourceMap,
        many: Option<&'a Many>,
        fields: Vec<Field<'a>>,
        sieve: Sieve<'a>,
    ) -> Self {
        let asked = |element: &&ElementMap| {
            fields.iter().any(|field| std::ptr::eq(field.sources, element.sources.as_slice()))
        };
        let watched: Vec<&ElementMap> = resource
            .elements
            .iter()
            .filter(|element| restricts(&element.sources) && !asked(element))
            .collect();
        let mut base = vec![resource.patient];
        for check in &resource.source.checks {
            base.push(check.patient);
            base.extend(check.partner);
        }
        for rule in &resource.labels {
            base.extend(rule.when.iter().map(|condition| condition.column));
            if let LabelCodes::Column { column, .. } = &rule.codes {
                base.push(*column);
            }
        }
        match &resource.withheld {
            Withheld::When { conditions, .. } | Withheld::Unless { conditions, .. } => {
                base.extend(conditions.iter().map(|condition| condition.column));
            }
            Withheld::Never | Withheld::Always { .. } => {}
        }
        base.extend(watched.iter().flat_map(|element| columns(&element.sources)));
        let mut own: Vec<usize> = Vec::new();
        for field in &fields {
            let places = if field.of_many { &mut own } else { &mut base };
            places.extend(columns(field.sources));
        }
        for check in many.iter().flat_map(|many| &many.source.checks) {
            own.push(check.patient);
            own.extend(check.partner);
        }
        for places in [&mut base, &mut own] {
            places.sort_unstable();
            places.dedup();
        }
        let pseudonyms = Pseudonyms::new([0; 32]);
        Self { mapping, resource, many, fields, watched, base, own, sieve, pseudonyms }
    }

    fn see(&self, row: &Row, own: &Row) -> Seen {
        let assembler = Assembler {
            mapping: self.mapping,
            pseudonyms: &self.pseudonyms,
            relationship: RelationshipId::new(0, 0),
        };
        let mut notes = Notes::default();
        let of = |field: &Field<'_>| if field.of_many { own } else { row };
        let values = self
            .fields
            .iter()
            .map(|field| assembler.value(field.sources, field.fhir_type, of(field), &mut notes))
            .collect();
        for element in &self.watched {
            assembler.value(&element.sources, element.path.fhir_type(), row, &mut notes);
        }
        Seen {
            values,
            labels: labels(self.resource, row, notes.restricted),
            withheld: withheld(&self.resource.withheld, row).0,
        }
    }

    /// What the rows of these patients say, patient by place in `records`, as far as the sieve lets them through, with `days` for its dates.
    /// A record number that cannot be one of this mapping has no rows.
    pub(crate) async fn rows(
        &self,
        session: &mut Session,
        records: &[&str],
        days: Option<&DayTest>,
        each: &mut (dyn FnMut(usize, Seen) + Send),
    ) -> Result<(), FetchError> {
        let kind = self.resource.number_type;
        let mut places: HashMap<String, (usize, RecordNumber)> = HashMap::new();
        for (place, record) in records.iter().enumerate() {
            if let Some(number) = RecordNumber::new(kind, record) {
                places.insert(number.form(), (place, number));
            }
        }
        if places.is_empty() {
            return Ok(());
        }
        let numbers: Vec<RecordNumber> = places.values().map(|(_, number)| number.clone()).collect();
        let base = self.base.iter().filter_map(|place| self.resource.source.columns.get(*place));
        let own = self.many.iter().flat_map(|many| {
            self.own.iter().filter_map(|place| many.source.columns.get(*place)).collect::<Vec<_>>()
        });
        let columns: Vec<&Column> = base.chain(own).collect();
        let (dialect, sieve) = (session.dialect(), &self.sieve);
        let statement =
            sql::select_cohort(dialect, self.resource, self.many, &columns, &numbers, sieve, days);
        let mut dropped = 0usize;
        let take = |fetched: Row| {
            let (row, own) = self.spread(fetched);
            let found = row
                .get(self.resource.patient)
                .and_then(Cell::text)
                .and_then(|text| places.get(RecordNumber::form_of(kind, text).as_ref()));
            let right = found.filter(|(_, number)| {
                let checks = self.many.iter().flat_map(|many| &many.source.checks);
                is_patients(self.resource, &row, number)
                    && checks.into_iter().all(|check| sql::passes(check, &own, number))
            });
            match right {
                Some((place, _)) => each(*place, self.see(&row, &own)),
                None => dropped += 1,
            }
        };
        session.each_row(statement, take).await?;
        if dropped > 0 {
            tracing::debug!(mapping = self.resource.name, "rows of another record number were dropped");
        }
        Ok(())
    }

    /// Puts what was fetched where the mapping looks for it.
    fn spread(&self, fetched: Row) -> (Row, Row) {
        let mut cells = fetched.into_iter();
        let mut row = vec![Cell::Null; self.resource.source.columns.len()];
        let mut own = vec![Cell::Null; self.many.map_or(0, |many| many.source.columns.len())];
        for (places, into) in [(&self.base, &mut row), (&self.own, &mut own)] {
            for place in places {
                if let (Some(to), Some(cell)) = (into.get_mut(*place), cells.next()) {
                    *to = cell;
                }
            }
        }
        (row, own)
    }
}

/// Whether a code that these sources do not know restricts the row.
pub(crate) fn restricts(sources: &[ValueSource]) -> bool {
    sources.iter().any(|source| match &source.kind {
        SourceKind::Column(column) => column.map.as_ref().is_some_and(|map| !map.harmless),
        _ => false,
    })
}

/// The columns that sources look at.
fn columns(sources: &[ValueSource]) -> impl Iterator<Item = usize> + '_ {
    sources.iter().flat_map(ValueSource::columns)
}
