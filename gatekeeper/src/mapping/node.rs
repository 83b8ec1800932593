//! TOML values that remember where they stand, so that every complaint has a line.

use std::cell::RefCell;

use toml_edit::{ImDocument, Item, Table, Value};

use super::errors::MappingError;

/// A value and the byte at which it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Keys in the order of the file.
    Table(Vec<(Key, Node)>),
    Array(Vec<Node>),
    Text(String),
    Integer(i64),
    Float,
    Boolean(bool),
    Date,
}

/// A key and the byte at which it begins.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) at: usize,
    pub(super) name: String,
}

impl Node {
    /// What to call it in a complaint.
    pub(super) fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Table(_) => "a table",
            Kind::Array(_) => "a list",
            Kind::Text(_) => "text",
            Kind::Integer(_) => "a number",
            Kind::Float => "a number with a fraction",
            Kind::Boolean(_) => "true or false",
            Kind::Date => "a date without quotes",
        }
    }
}

/// A table of any sort. One that stands in the file only by its parts, such as `maps` of `[maps.state]`, begins where its key does.
fn table<'t>(entries: impl Iterator<Item = (&'t toml_edit::Key, &'t Item)>, parent: usize) -> Kind {
    let entry = |(key, item): (&toml_edit::Key, &Item)| {
        let at = key.span().map_or(parent, |span| span.start);
        (Key { at, name: key.get().to_owned() }, node(item, at))
    };
    Kind::Table(entries.map(entry).collect())
}

fn node(item: &Item, parent: usize) -> Node {
    let at = item.span().map_or(parent, |span| span.start);
    let kind = match item {
        Item::None => Kind::Table(Vec::new()),
        Item::Value(value) => return value_node(value, parent),
        Item::Table(inner) => table(keys(inner), at),
        Item::ArrayOfTables(tables) => {
            let one = |inner: &Table| {
                let at = inner.span().map_or(at, |span| span.start);
                Node { at, kind: table(keys(inner), at) }
            };
            Kind::Array(tables.iter().map(one).collect())
        }
    };
    Node { at, kind }
}

fn value_node(value: &Value, parent: usize) -> Node {
    let at = value.span().map_or(parent, |span| span.start);
    let kind = match value {
        Value::String(text) => Kind::Text(text.value().clone()),
        Value::Integer(number) => Kind::Integer(*number.value()),
        Value::Float(_) => Kind::Float,
        Value::Boolean(value) => Kind::Boolean(*value.value()),
        Value::Datetime(_) => Kind::Date,
        Value::Array(items) => Kind::Array(items.iter().map(|item| value_node(item, at)).collect()),
        Value::InlineTable(inner) => {
            let entries = inner.iter().filter_map(|(name, _)| inner.get_key_value(name));
            table(entries, at)
        }
    };
    Node { at, kind }
}

fn keys(table: &Table) -> impl Iterator<Item = (&toml_edit::Key, &Item)> {
    table.iter().filter_map(|(name, _)| table.get_key_value(name))
}

/// Collects complaints while a file is read, so that all of them are told at once.
pub(super) struct Reader<'a> {
    text: &'a str,
    errors: RefCell<Vec<MappingError>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, errors: RefCell::new(Vec::new()) }
    }

    /// Notes a complaint about what stands at this byte.
    pub(super) fn error(&self, at: usize, message: impl Into<String>) {
        self.errors.borrow_mut().push(MappingError { line: self.line(at), message: message.into() });
    }

    /// As [`Reader::error`], where the line is known already.
    pub(super) fn error_in_line(&self, line: usize, message: String) {
        self.errors.borrow_mut().push(MappingError { line, message });
    }

    /// The line in which a byte stands.
    pub(super) fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    pub(super) fn has_errors(&self) -> bool {
        !self.errors.borrow().is_empty()
    }

    pub(super) fn into_errors(self) -> Vec<MappingError> {
        self.errors.into_inner()
    }

    /// The whole file as a table.
    pub(super) fn parse(&self) -> Option<Node> {
        match ImDocument::parse(self.text) {
            Ok(document) => Some(Node { at: 0, kind: table(keys(document.as_table()), 0) }),
            Err(error) => {
                self.error(error.span().map_or(0, |span| span.start), error.message());
                None
            }
        }
    }

    /// The keys of a table; complains if it is none.
    pub(super) fn fields<'n>(&self, node: &'n Node, what: &str) -> Option<Fields<'n>> {
        match &node.kind {
            Kind::Table(entries) => Some(Fields { at: node.at, entries, taken: Vec::new() }),
            _ => {
                self.error(node.at, format!("{what} must be a table, this is {}", node.describe()));
                None
            }
        }
    }

    pub(super) fn text<'n>(&self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Text(text) => Some(text),
            _ => {
                self.error(node.at, format!("{what} must be text, this is {}", node.describe()));
                None
            }
        }
    }

    pub(super) fn boolean(&self, node: &Node, what: &str) -> bool {
        if let Kind::Boolean(value) = node.kind {
            return value;
        }
        self.error(node.at, format!("{what} must be true or false, this is {}", node.describe()));
        false
    }

    /// One text or a list of texts.
    pub(super) fn texts<'n>(&self, node: &'n Node, what: &str) -> Vec<&'n str> {
        match &node.kind {
            Kind::Array(items) => items.iter().filter_map(|item| self.text(item, what)).collect(),
            _ => self.text(node, what).into_iter().collect(),
        }
    }

    /// The tables of a list of tables.
    pub(super) fn tables<'n>(&self, node: Option<&'n Node>, what: &str) -> Vec<&'n Node> {
        match node.map(|node| &node.kind) {
            None => Vec::new(),
            Some(Kind::Array(items)) => items.iter().collect(),
            Some(_) => {
                let at = node.map_or(0, |node| node.at);
                self.error(
                    at,
                    format!("{what} must be a list of tables: write [[{what}]] with two brackets"),
                );
                Vec::new()
            }
        }
    }
}

/// The keys of one table, each taken at most once; what nobody takes is a mistake.
pub(super) struct Fields<'n> {
    pub(super) at: usize,
    entries: &'n [(Key, Node)],
    taken: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    pub(super) fn take(&mut self, name: &'static str) -> Option<&'n Node> {
        self.taken.push(name);
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// As [`Fields::take`], with a complaint if the key is missing.
    pub(super) fn need(&mut self, reader: &Reader<'_>, name: &'static str, what: &str) -> Option<&'n Node> {
        let node = self.take(name);
        if node.is_none() {
            reader.error(self.at, format!("{what} needs `{name}`"));
        }
        node
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(key, _)| key.name == name)
    }

    /// Complains about keys that nobody took.
    pub(super) fn finish(self, reader: &Reader<'_>, what: &str) {
        for (key, _) in self.entries {
            if !self.taken.contains(&key.name.as_str()) {
                let known = self.taken.join("`, `");
                reader.error(key.at, format!("{what} has no key `{}`; it has `{known}`", key.name));
            }
        }
    }
}
