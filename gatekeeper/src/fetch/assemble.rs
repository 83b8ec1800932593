//! From a row to a resource.

use std::collections::BTreeSet;

use base64::{engine::general_purpose::STANDARD, Engine};
use medrec_primitives::RelationshipId;
use serde_json::{json, Map, Value};

use super::{record, Cell, Pseudonyms, Record, Row};
use crate::{
    fhir::definitions::{is_primitive, r4},
    mapping::{
        model::*,
        path::Step,
        value::{self, Malformed, Reading},
        Mapping,
    },
    redact::absent::{mark_missing, Reason},
};

/// System of the label of rows that hold something unmapped.
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/// What is the same for all rows of one call.
pub(super) struct Assembler<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) pseudonyms: &'a Pseudonyms,
    pub(super) relationship: RelationshipId,
}

/// What was noticed on the way.
#[derive(Default)]
pub(super) struct Notes {
    /// A code that the mapping does not know: the row is restricted.
    pub(super) restricted: bool,
    /// Lines of the mapping whose column held something that does not fit.
    pub(super) malformed: BTreeSet<usize>,
}

/// What a source gives.
enum Given {
    Nothing,
    Value(Value),
    /// A number with the comparator that stood before it.
    Compared(Value, &'static str),
    /// A reference.
    Target(String),
    Absent(Reason),
}

impl Assembler<'_> {
    /// The record of a row. `items` are the rows of its one-to-many tables.
    pub(super) fn record(
        &self,
        resource: &ResourceMap,
        row: &Row,
        key: &[String],
        items: &[&[Row]],
        notes: &mut Notes,
    ) -> Record {
        notes.restricted = false;
        let mut root = Tree::object(resource.resource_type);
        self.fill(&mut root, &resource.elements, row, notes);
        for (many, rows) in resource.many.iter().zip(items) {
            let values: Vec<Value> = rows.iter().filter_map(|row| self.item(many, row, notes)).collect();
            root.append(&many.path.steps, values);
        }
        let labels = labels(resource, row, notes.restricted);
        let (withheld, ground) = withheld(&resource.withheld, row);

        let mut object = match root.finish() {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        };
        mark_missing(&mut object, resource.resource_type, Reason::Unknown);
        object.insert("resourceType".to_owned(), resource.resource_type.into());
        let id = self.pseudonyms.id(self.relationship, resource.resource_type, &resource.name, key);
        object.insert("id".to_owned(), id.into());
        if !labels.is_empty() {
            let security: Vec<Value> =
                labels.iter().map(|(system, code)| json!({ "system": system, "code": code })).collect();
            let meta = object.entry("meta").or_insert_with(|| Value::Object(Map::new()));
            if let Some(meta) = meta.as_object_mut() {
                meta.insert("security".to_owned(), Value::Array(security));
            }
        }
        let attributes =
            record::attributes(&object, resource.resource_type, labels, resource.date.as_deref());
        Record { resource: Value::Object(object), attributes, withheld, ground }
    }

    fn item(&self, many: &Many, row: &Row, notes: &mut Notes) -> Option<Value> {
        match &many.item {
            Item::Object(elements) => {
                let mut item = Tree::object(many.path.fhir_type());
                self.fill(&mut item, elements, row, notes);
                item.finish_item()
            }
            Item::Value(sources) => match self.evaluate(sources, many.path.fhir_type(), row, notes) {
                Given::Value(value) | Given::Compared(value, _) => Some(value),
                Given::Target(target) => Some(json!({ "reference": target })),
                Given::Nothing | Given::Absent(_) => None,
            },
        }
    }

    fn fill(&self, tree: &mut Tree, elements: &[ElementMap], row: &Row, notes: &mut Notes) {
        for element in elements {
            let given = self.evaluate(&element.sources, element.path.fhir_type(), row, notes);
            let from_columns = element.sources.iter().any(|source| is_from_columns(&source.kind));
            tree.set(&element.path.steps, given, from_columns);
        }
    }

    /// The value that sources give; nothing where they give none, or none that stands for itself alone, such as `<5`.
    pub(super) fn value(
        &self,
        sources: &[ValueSource],
        fhir_type: &str,
        row: &Row,
        notes: &mut Notes,
    ) -> Option<Value> {
        match self.evaluate(sources, fhir_type, row, notes) {
            Given::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The first source that gives a value, else the first reason why none does.
    fn evaluate(&self, sources: &[ValueSource], fhir_type: &str, row: &Row, notes: &mut Notes) -> Given {
        let mut absent = None;
        for source in sources {
            if !hold(&source.when, row) {
                continue;
            }
            match self.give(source, fhir_type, row, notes) {
                Given::Nothing => {}
                Given::Absent(reason) => absent = absent.or(Some(reason)),
                given => return given,
            }
        }
        absent.map_or(Given::Nothing, Given::Absent)
    }

    fn give(&self, source: &ValueSource, fhir_type: &str, row: &Row, notes: &mut Notes) -> Given {
        let given = match &source.kind {
            SourceKind::Constant(value) => Ok(Given::Value(value.clone())),
            SourceKind::Patient => Ok(Given::Target(format!("Patient/{}", self.relationship))),
            SourceKind::Column(column) => from_column(column, fhir_type, row, notes),
            SourceKind::Template { pieces, reading } => from_template(pieces, reading, fhir_type, row),
            SourceKind::Reference { resource_type, name, columns } => {
                Ok(self.reference(resource_type, name, columns, row))
            }
        };
        given.unwrap_or_else(|Malformed| {
            notes.malformed.insert(source.line);
            Given::Absent(Reason::Error)
        })
    }

    fn reference(&self, resource_type: &str, name: &str, columns: &[usize], row: &Row) -> Given {
        let key: Option<Vec<String>> =
            columns.iter().map(|column| text(row, *column).map(str::to_owned)).collect();
        match (key, self.mapping.target(resource_type, name)) {
            (Some(key), Some(target)) => {
                let id = self.pseudonyms.id(self.relationship, resource_type, &target.name, &key);
                Given::Target(format!("{resource_type}/{id}"))
            }
            _ => Given::Nothing,
        }
    }
}

fn is_from_columns(kind: &SourceKind) -> bool {
    match kind {
        SourceKind::Constant(_) | SourceKind::Patient => false,
        SourceKind::Column(_) | SourceKind::Template { .. } | SourceKind::Reference { .. } => true,
    }
}

/// A column's text without trailing blanks; `None` for NULL, blanks and bytes.
fn text(row: &Row, column: usize) -> Option<&str> {
    row.get(column)?.text().map(str::trim_end).filter(|text| !text.is_empty())
}

/// Whether all conditions hold for a row.
pub(crate) fn hold(conditions: &[Condition], row: &Row) -> bool {
    conditions.iter().all(|condition| {
        // Bytes are something, and equal to nothing that a condition can name.
        let value = match row.get(condition.column) {
            Some(Cell::Text(text)) => Some(text.as_str()),
            Some(Cell::Bytes(_)) => Some("\0"),
            Some(Cell::Null) | None => None,
        };
        condition.test.passes(value)
    })
}

fn from_column(
    source: &ColumnSource,
    fhir_type: &str,
    row: &Row,
    notes: &mut Notes,
) -> Result<Given, Malformed> {
    let text = match row.get(source.column) {
        Some(Cell::Text(text)) => text.as_str(),
        Some(Cell::Bytes(bytes)) if fhir_type == "base64Binary" && !bytes.is_empty() => {
            return Ok(Given::Value(STANDARD.encode(bytes).into()));
        }
        Some(Cell::Bytes(_)) if fhir_type == "base64Binary" => return Ok(Given::Nothing),
        Some(Cell::Bytes(_)) => return Err(Malformed),
        Some(Cell::Null) | None => return Ok(Given::Nothing),
    };
    if let Some(map) = &source.map {
        return Ok(from_map(map, text, notes));
    }
    let (comparator, text) = match source.comparator {
        true => value::comparator(text),
        false => (None, text),
    };
    let value = value::read(fhir_type, text, &source.reading)?;
    if let Some(code) = value.as_ref().and_then(Value::as_str) {
        if !source.codes.is_empty() && !source.codes.contains(&code) {
            return Err(Malformed);
        }
    }
    Ok(match (value, comparator) {
        (Some(value), Some(comparator)) => Given::Compared(value, comparator),
        (Some(value), None) => Given::Value(value),
        (None, Some(_)) => return Err(Malformed),
        (None, None) => Given::Nothing,
    })
}

fn from_map(map: &ValueMap, text: &str, notes: &mut Notes) -> Given {
    let known = [text, text.trim_end(), text.trim()].into_iter().find_map(|text| map.values.get(text));
    match known {
        Some(value) => Given::Value(value.clone()),
        None if text.trim().is_empty() => Given::Nothing,
        None => {
            notes.restricted |= !map.harmless;
            map.otherwise.clone().map_or(Given::Absent(Reason::Unsupported), Given::Value)
        }
    }
}

fn from_template(
    pieces: &[Piece],
    reading: &Reading,
    fhir_type: &str,
    row: &Row,
) -> Result<Given, Malformed> {
    let mut result = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(literal) => result.push_str(literal),
            Piece::Column { column, digits } => match text(row, *column).map(str::trim) {
                Some(text) if *digits > 0 => {
                    let number = text.len() <= *digits && text.bytes().all(|byte| byte.is_ascii_digit());
                    if !number {
                        return Err(Malformed);
                    }
                    result.extend(std::iter::repeat_n('0', digits - text.len()));
                    result.push_str(text);
                }
                Some(text) => result.push_str(text),
                None => return Ok(Given::Nothing),
            },
        }
    }
    Ok(value::read(fhir_type, &result, reading)?.map_or(Given::Nothing, Given::Value))
}

/// Labels as (system, code), each once.
pub(super) fn labels(resource: &ResourceMap, row: &Row, restricted: bool) -> Vec<(String, String)> {
    let mut restricted = restricted;
    let mut labels = Vec::new();
    for rule in resource.labels.iter().filter(|rule| hold(&rule.when, row)) {
        let codes: Option<Vec<String>> = match &rule.codes {
            LabelCodes::Constant(code) => Some(vec![code.clone()]),
            LabelCodes::Column { column, map, otherwise, null } => match text(row, *column) {
                Some(text) => map.get(text).or_else(|| map.get(text.trim())).or(otherwise.as_ref()).cloned(),
                // Bytes are not NULL: nobody said what they mean.
                None if row.get(*column).is_some_and(|cell| matches!(cell, Cell::Bytes(_))) => None,
                None => null.clone(),
            },
        };
        match codes {
            Some(codes) => labels.extend(codes.into_iter().map(|code| (rule.system.clone(), code))),
            None => restricted = true,
        }
    }
    if restricted {
        labels.push((CONFIDENTIALITY.to_owned(), "R".to_owned()));
    }
    labels.sort();
    labels.dedup();
    labels
}

pub(super) fn withheld(rule: &Withheld, row: &Row) -> (bool, Option<String>) {
    let (withheld, ground) = match rule {
        Withheld::Never => return (false, None),
        Withheld::Always { ground } => (true, ground),
        Withheld::When { conditions, ground } => (hold(conditions, row), ground),
        Withheld::Unless { conditions, ground } => (!hold(conditions, row), ground),
    };
    (withheld, ground.clone().filter(|_| withheld))
}

/// A resource in the making. It remembers whether columns could have given something to an object and whether they did: an object
/// of nothing but constants, beside columns that were empty, says nothing about the patient and is left out.
enum Tree {
    Object { fhir_type: &'static str, entries: Vec<(String, Tree)>, possible: bool, present: bool },
    Array(Vec<(usize, Tree)>),
    Leaf(Value),
    Absent(Reason),
}

impl Tree {
    fn object(fhir_type: &'static str) -> Self {
        Self::Object { fhir_type, entries: Vec::new(), possible: false, present: false }
    }

    /// The part of an object by that name, made if it is not there.
    fn entry(&mut self, name: &str, new: Tree) -> Option<&mut Tree> {
        let Self::Object { entries, .. } = self else { return None };
        let place = entries.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            entries.push((name.to_owned(), new));
            entries.len() - 1
        });
        entries.get_mut(place).map(|(_, tree)| tree)
    }

    fn item(&mut self, index: usize, new: Tree) -> Option<&mut Tree> {
        let Self::Array(items) = self else { return None };
        let place = items.iter().position(|(known, _)| *known == index).unwrap_or_else(|| {
            items.push((index, new));
            items.len() - 1
        });
        items.get_mut(place).map(|(_, tree)| tree)
    }

    /// What stands at a step; objects and arrays on the way are made.
    fn step(&mut self, step: &Step) -> Option<&mut Tree> {
        match step.index {
            Some(index) => {
                self.entry(&step.name, Self::Array(Vec::new()))?.item(index, Self::object(step.fhir_type))
            }
            None => self.entry(&step.name, Self::object(step.fhir_type)),
        }
    }

    fn set(&mut self, steps: &[Step], given: Given, from_columns: bool) {
        if let Self::Object { possible, present, .. } = self {
            *possible |= from_columns;
            *present |= from_columns && !matches!(given, Given::Nothing);
        }
        match (steps, given) {
            ([], _) => {}
            ([last], Given::Target(target)) => {
                if let Some(object) = self.step(last) {
                    let reference = Step { name: "reference".to_owned(), index: None, fhir_type: "string" };
                    object.set(&[reference], Given::Value(target.into()), from_columns);
                }
            }
            ([last], given) => {
                let leaf = match given {
                    Given::Nothing | Given::Target(_) => return,
                    Given::Value(value) => Self::Leaf(value),
                    Given::Compared(value, comparator) => {
                        if let Some(place) = self.entry("comparator", Self::Leaf(Value::Null)) {
                            *place = Self::Leaf(comparator.into());
                        }
                        Self::Leaf(value)
                    }
                    Given::Absent(reason) => Self::Absent(reason),
                };
                if let Some(place) = self.step(last) {
                    *place = leaf;
                }
            }
            ([first, rest @ ..], given) => {
                if let Some(next) = self.step(first) {
                    next.set(rest, given, from_columns);
                }
            }
        }
    }

    /// Adds items to the end of an array.
    fn append(&mut self, steps: &[Step], values: Vec<Value>) {
        if values.is_empty() {
            return;
        }
        if let Self::Object { possible, present, .. } = self {
            (*possible, *present) = (true, true);
        }
        match steps {
            [] => {}
            [last] => {
                if let Some(Self::Array(items)) = self.entry(&last.name, Self::Array(Vec::new())) {
                    let next = items.iter().map(|(index, _)| index + 1).max().unwrap_or(0);
                    items.extend(
                        values
                            .into_iter()
                            .enumerate()
                            .map(|(place, value)| (next + place, Self::Leaf(value))),
                    );
                }
            }
            [first, rest @ ..] => {
                if let Some(next) = self.step(first) {
                    next.append(rest, values);
                }
            }
        }
    }

    /// As [`Tree::finish`], but an item of nothing but constants is left out.
    fn finish_item(self) -> Option<Value> {
        match self {
            Self::Object { possible: true, present: false, .. } => None,
            tree => tree.finish(),
        }
    }

    /// The value, `None` if there is nothing in it.
    fn finish(self) -> Option<Value> {
        match self {
            Self::Leaf(value) => Some(value),
            Self::Absent(_) => None,
            Self::Array(mut items) => {
                items.sort_by_key(|(index, _)| *index);
                let values: Vec<Value> =
                    items.into_iter().filter_map(|(_, tree)| tree.finish_item()).collect();
                (!values.is_empty()).then_some(Value::Array(values))
            }
            Self::Object { fhir_type, entries, .. } => {
                let mut object = Map::new();
                let mut marks = Vec::new();
                for (name, tree) in entries {
                    // Of a choice the first type in the file that has a value.
                    if has_choice(&object, fhir_type, &name) {
                        continue;
                    }
                    match tree {
                        Self::Absent(reason) => marks.push((name, reason)),
                        tree => object.extend(tree.finish_item().map(|value| (name, value))),
                    }
                }
                for (name, reason) in marks {
                    mark(&mut object, fhir_type, &name, reason);
                }
                if object.is_empty() {
                    return None;
                }
                mark_missing(&mut object, fhir_type, Reason::Unknown);
                Some(Value::Object(object))
            }
        }
    }
}

/// Whether another type of the same choice is there already.
fn has_choice(object: &Map<String, Value>, fhir_type: &str, name: &str) -> bool {
    r4().property(fhir_type, name).is_some_and(|property| {
        let element = property.element;
        element.choice && element.names.iter().any(|other| object.contains_key(&other.plain))
    })
}

fn mark(object: &mut Map<String, Value>, fhir_type: &str, name: &str, reason: Reason) {
    let primitive = r4().property(fhir_type, name).is_some_and(|property| is_primitive(property.fhir_type));
    if primitive && !has_choice(object, fhir_type, name) {
        object.insert(format!("_{name}"), reason.extension());
    }
}
