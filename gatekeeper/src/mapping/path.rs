//! Element paths such as `code.coding[0].system`, checked against the R4 definitions.

use std::fmt;

use crate::fhir::definitions::{is_primitive, r4, Property};

/// Items that a mapping may give an array by index.
const MAX_INDEX: usize = 99;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The JSON name.
    pub name: String,
    /// The place in the array, if it is one.
    pub index: Option<usize>,
    /// The type of the value there.
    pub fhir_type: &'static str,
}

/// A path from a resource, or from an item of an array, to an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Its steps; at least one.
    pub steps: Vec<Step>,
}

impl Path {
    /// The type of what the path leads to.
    pub fn fhir_type(&self) -> &'static str {
        self.steps.last().map_or("", |step| step.fhir_type)
    }

    /// Reads a path beneath a type. `open_end`: the last step is an array and names all of it.
    pub(super) fn parse(text: &str, root: &'static str, open_end: bool) -> Result<(Self, Property), String> {
        let mut steps: Vec<Step> = Vec::new();
        let mut fhir_type = root;
        let mut last = None;
        let mut parts = text.split('.').peekable();
        while let Some(part) = parts.next() {
            if is_primitive(fhir_type) {
                return Err(format!("`{text}`: `{fhir_type}` is a plain value and has nothing beneath it"));
            }
            let (name, index) = split(part).ok_or_else(|| {
                format!("`{text}` is not an element path; write names with dots and indices, such as `code.coding[0].system`")
            })?;
            let property = r4().property(fhir_type, name).ok_or_else(|| unknown(text, fhir_type, name))?;
            let open = open_end && parts.peek().is_none();
            match (property.element.many, index, open) {
                (true, None, false) => {
                    return Err(format!("`{text}`: `{name}` can repeat, write `{name}[0]`"))
                }
                (false, Some(_), _) => {
                    return Err(format!("`{text}`: `{name}` cannot repeat, write it without index"))
                }
                (false, None, true) => {
                    return Err(format!("`{text}`: `{name}` cannot repeat, so rows cannot fill it"))
                }
                (true, Some(_), true) => {
                    return Err(format!(
                        "`{text}`: rows fill the whole array, write it without index at the end"
                    ))
                }
                _ => {}
            }
            if matches!(property.fhir_type, "Narrative" | "Resource") {
                return Err(format!("`{text}`: narrative and contained resources cannot be mapped"));
            }
            fhir_type = property.fhir_type;
            steps.push(Step { name: name.to_owned(), index, fhir_type });
            last = Some(property);
        }
        let property = last.ok_or_else(|| "an element path cannot be empty".to_owned())?;
        Ok((Self { steps }, property))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.steps.iter().enumerate() {
            if place > 0 {
                f.write_str(".")?;
            }
            f.write_str(&step.name)?;
            if let Some(index) = step.index {
                write!(f, "[{index}]")?;
            }
        }
        Ok(())
    }
}

fn split(part: &str) -> Option<(&str, Option<usize>)> {
    let (name, index) = match part.split_once('[') {
        Some((name, rest)) => {
            let digits = rest.strip_suffix(']')?;
            let canonical = !digits.is_empty()
                && digits.bytes().all(|b| b.is_ascii_digit())
                && (digits == "0" || !digits.starts_with('0'));
            let index = digits.parse().ok().filter(|index| canonical && *index <= MAX_INDEX)?;
            (name, Some(index))
        }
        None => (part, None),
    };
    let valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    valid.then_some((name, index))
}

fn unknown(text: &str, fhir_type: &str, name: &str) -> String {
    let elements = r4().elements(fhir_type);
    if let Some(choice) = elements.iter().find(|element| element.choice && element.name == name) {
        let names: Vec<&str> = choice.names.iter().map(|name| name.plain.as_str()).collect();
        return format!("`{text}`: `{name}` carries its type in its name: {}", names.join(", "));
    }
    let names: Vec<&str> = elements.iter().map(|element| element.name).collect();
    format!("`{text}`: {fhir_type} has no element `{name}` in FHIR R4; it has {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn error(text: &str, root: &'static str) -> String {
        Path::parse(text, root, false).unwrap_err()
    }

    #[test]
    fn path_should_return_unchanged_when_printed() {
        let (path, _) = Path::parse("name[0].given[1]", "Patient", false).unwrap();
        assert_eq!(path.to_string(), "name[0].given[1]");
        assert_eq!(path.fhir_type(), "string");
    }

    #[test]
    fn path_should_be_refused_with_advice_when_it_does_not_fit_the_definitions() {
        assert!(error("name.given[0]", "Patient").contains("write `name[0]`"));
        assert!(error("birthDate[0]", "Patient").contains("without index"));
        assert!(error("birthDate.day", "Patient").contains("plain value"));
        assert!(error("value", "Observation").contains("valueQuantity"));
        assert!(error("colour", "Patient").contains("no element `colour`"));
        assert!(error("text.div", "Patient").contains("narrative"));
        for text in
            ["", ".", "name[", "name[x]", "name[01]", "name[100]", "na-me", "name[0]]", "name[0]..given[0]"]
        {
            assert!(Path::parse(text, "Patient", false).is_err(), "{text}");
        }
    }

    #[test]
    fn path_of_an_array_should_need_no_index_when_rows_fill_it() {
        let (path, _) = Path::parse("code.coding", "Observation", true).unwrap();
        assert_eq!(path.fhir_type(), "Coding");
        assert!(Path::parse("code.coding[0]", "Observation", true).is_err());
        assert!(Path::parse("status", "Observation", true).is_err());
    }
}
