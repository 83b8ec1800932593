//! What FHIR R4 says of its own elements, read from `definitions/r4.tsv`.
//!
//! Mapping, redaction and search ask this table and know no element by heart: which elements a type has, of which types,
//! which are mandatory, which change the meaning of the rest (modifiers), which repeat.

use std::{collections::HashMap, sync::LazyLock};

const TABLE: &str = include_str!("../../definitions/r4.tsv");

static R4: LazyLock<Definitions> = LazyLock::new(|| Definitions::read(TABLE));

/// The table, read once.
pub fn r4() -> &'static Definitions {
    &R4
}

/// The types of FHIR R4 that a patient's records can have, their elements and search parameters.
#[derive(Debug)]
pub struct Definitions {
    resources: Vec<&'static str>,
    elements: HashMap<&'static str, Vec<Element>>,
    names: HashMap<&'static str, Vec<Named>>,
    parameters: HashMap<&'static str, Vec<Parameter>>,
}

/// Where the element of a name in JSON stands among the elements of its type, and the type that the name says. Sorted by name.
type Named = (String, usize, &'static str);

/// One element of a resource, backbone element or data type.
#[derive(Debug)]
pub struct Element {
    /// Its name; of a choice the part before the type (`value` of `value[x]`).
    pub name: &'static str,
    /// Whether the JSON name carries the type (`valueQuantity`).
    pub choice: bool,
    /// Types it may have. A backbone element's type is its own path, such as `Observation.component`.
    pub types: Vec<&'static str>,
    /// Whether R4 requires it.
    pub mandatory: bool,
    /// Whether it repeats, and so is an array in JSON.
    pub many: bool,
    /// Whether it can change the meaning of its siblings.
    pub modifier: bool,
    /// The codes allowed, where R4 fixes them.
    pub codes: Vec<&'static str>,
    /// The code systems of the codes allowed, where R4 fixes them, each with its codes; without, if it is the only one.
    pub systems: Vec<(&'static str, Vec<&'static str>)>,
    /// Its names in JSON, in the order of its types.
    pub names: Vec<JsonName>,
}

/// A name in JSON.
#[derive(Debug)]
pub struct JsonName {
    /// Of the value: `status`.
    pub plain: String,
    /// Of its extensions, where it is a primitive: `_status`.
    pub marked: String,
}

/// A JSON property resolved to its element and type.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// The element.
    pub element: &'static Element,
    /// The type, one of the element's.
    pub fhir_type: &'static str,
}

/// Kinds of search parameters that this server offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// A code with or without system.
    Token,
    /// A date or period with a prefix.
    Date,
    /// Another resource.
    Reference,
    /// A text, or a name or address.
    String,
}

/// A search parameter of R4.
#[derive(Debug)]
pub struct Parameter {
    /// Its name in a query.
    pub name: &'static str,
    /// How values are compared.
    pub kind: ParameterKind,
    /// Element paths it looks at; a choice may stand without its type.
    pub paths: Vec<&'static str>,
}

impl Element {
    /// The code system that R4 implies for a code of this element, which names none itself.
    pub fn system(&self, code: &str) -> Option<&'static str> {
        let of = |(_, codes): &&(&str, Vec<&str>)| codes.is_empty() || codes.contains(&code);
        self.systems.iter().find(of).map(|(system, _)| *system)
    }

    fn json_name(&self, fhir_type: &str) -> String {
        if !self.choice {
            return self.name.to_owned();
        }
        let mut letters = fhir_type.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        self.name.chars().chain(first).chain(letters).collect()
    }

    /// The same with its names in JSON.
    fn named(mut self) -> Self {
        let name = |fhir_type: &&str| {
            let plain = self.json_name(fhir_type);
            JsonName { marked: format!("_{plain}"), plain }
        };
        self.names = self.types.iter().map(name).collect();
        self
    }
}

impl Definitions {
    /// Resource types that can be mapped.
    pub fn resources(&self) -> &[&'static str] {
        &self.resources
    }

    /// The type's own copy of its name, if it is a resource type that can be mapped.
    pub fn resource(&self, name: &str) -> Option<&'static str> {
        self.resources.iter().copied().find(|resource| *resource == name)
    }

    /// The elements of a type; empty for primitive types.
    pub fn elements(&self, fhir_type: &str) -> &[Element] {
        self.elements.get(fhir_type).map_or(&[], Vec::as_slice)
    }

    /// What a JSON property of a type is.
    pub fn property(&'static self, fhir_type: &str, name: &str) -> Option<Property> {
        let names = self.names.get(fhir_type)?;
        let found = names.binary_search_by(|(known, ..)| known.as_str().cmp(name)).ok()?;
        let (_, place, fhir_type_of_name) = names.get(found)?;
        let element = self.elements(fhir_type).get(*place)?;
        Some(Property { element, fhir_type: fhir_type_of_name })
    }

    /// The element at the end of a path, such as `component.code` of an Observation; a choice may stand without its type.
    pub fn element(&'static self, fhir_type: &'static str, path: &str) -> Option<&'static Element> {
        let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
        let (element, fhir_type) = match self.property(fhir_type, step) {
            Some(property) => (property.element, property.fhir_type),
            None => {
                let element =
                    self.elements(fhir_type).iter().find(|element| element.choice && element.name == step)?;
                (element, *element.types.first()?)
            }
        };
        match rest {
            Some(rest) => self.element(fhir_type, rest),
            None => Some(element),
        }
    }

    /// Search parameters of a resource type.
    pub fn parameters(&self, resource_type: &str) -> &[Parameter] {
        self.parameters.get(resource_type).map_or(&[], Vec::as_slice)
    }

    fn read(table: &'static str) -> Self {
        let mut definitions = Self {
            resources: Vec::new(),
            elements: HashMap::new(),
            names: HashMap::new(),
            parameters: HashMap::new(),
        };
        for line in table.lines() {
            let cells: Vec<&'static str> = line.split('\t').collect();
            match cells.as_slice() {
                ["R", types] => definitions.resources = types.split(',').collect(),
                ["E", parent, name, types, low, high, modifier, codes, systems] => {
                    let element = Element {
                        name: name.strip_suffix("[x]").unwrap_or(name),
                        choice: name.ends_with("[x]"),
                        types: types.split(',').collect(),
                        mandatory: *low != "0",
                        many: *high == "*",
                        modifier: *modifier == "M",
                        codes: codes.split('|').filter(|code| !code.is_empty()).collect(),
                        systems: systems.split('|').filter(|system| !system.is_empty()).map(system).collect(),
                        names: Vec::new(),
                    };
                    definitions.elements.entry(parent).or_default().push(element.named());
                }
                ["S", resource, name, kind, paths] => {
                    definitions.parameters.entry(resource).or_default().push(Parameter {
                        name,
                        kind: match *kind {
                            "date" => ParameterKind::Date,
                            "reference" => ParameterKind::Reference,
                            "string" => ParameterKind::String,
                            _ => ParameterKind::Token,
                        },
                        paths: paths.split(',').collect(),
                    });
                }
                _ => {}
            }
        }
        definitions.add_implied();
        definitions.index();
        definitions
    }

    fn index(&mut self) {
        for (fhir_type, elements) in &self.elements {
            let names = self.names.entry(fhir_type).or_default();
            for (place, element) in elements.iter().enumerate() {
                let types = element.names.iter().zip(&element.types);
                names.extend(types.map(|(name, of)| (name.plain.clone(), place, *of)));
            }
            // A name that two elements have, or all types of one that is no choice, is the first one's: the sort keeps their order.
            names.sort_by(|(one, ..), (other, ..)| one.cmp(other));
            names.dedup_by(|(later, ..), (first, ..)| later == first);
        }
    }

    /// What every type has and the table therefore leaves out.
    fn add_implied(&mut self) {
        let element = |name, fhir_type, many, modifier| {
            Element {
                name,
                choice: false,
                types: vec![fhir_type],
                mandatory: false,
                many,
                modifier,
                codes: Vec::new(),
                systems: Vec::new(),
                names: Vec::new(),
            }
            .named()
        };
        self.elements
            .entry("Narrative")
            .or_default()
            .extend([element("status", "code", false, false), element("div", "xhtml", false, false)]);
        let resources = self.resources.clone();
        for (fhir_type, elements) in &mut self.elements {
            elements.push(element("id", "string", false, false));
            elements.push(element("extension", "Extension", true, false));
            let resource = resources.contains(fhir_type);
            if resource || fhir_type.contains('.') || matches!(*fhir_type, "Dosage" | "Timing") {
                elements.push(element("modifierExtension", "Extension", true, true));
            }
            if resource {
                elements.push(element("meta", "Meta", false, false));
                elements.push(element("implicitRules", "uri", false, true));
                elements.push(element("language", "code", false, false));
                elements.push(element("text", "Narrative", false, false));
                elements.push(element("contained", "Resource", true, false));
            }
        }
    }
}

/// A code system as the table has it: `system` or `system=code,code`.
fn system(text: &'static str) -> (&'static str, Vec<&'static str>) {
    match text.split_once('=') {
        Some((system, codes)) => (system, codes.split(',').collect()),
        None => (text, Vec::new()),
    }
}

/// Whether a type is a single JSON value (`code`, `decimal`) and not an object.
pub fn is_primitive(fhir_type: &str) -> bool {
    fhir_type.starts_with(|letter: char| letter.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn definitions_should_know_modifiers_and_mandatory_elements_when_asked_for_observation() {
        let status = r4().property("Observation", "status").unwrap();
        assert!(status.element.modifier && status.element.mandatory && !status.element.many);
        assert_eq!(status.fhir_type, "code");
        assert!(status.element.codes.contains(&"final"));
        let extension = r4().property("Observation.component", "modifierExtension").unwrap();
        assert!(extension.element.modifier && extension.element.many);
    }

    #[test]
    fn system_of_a_code_should_be_implied_where_the_value_set_is_fixed() {
        let system = |fhir_type, path, code| r4().element(fhir_type, path).unwrap().system(code);
        assert_eq!(system("Observation", "status", "final"), Some("http://hl7.org/fhir/observation-status"));
        assert_eq!(
            system("Patient", "contact.gender", "female"),
            Some("http://hl7.org/fhir/administrative-gender")
        );
        assert_eq!(
            system("DocumentReference", "content.attachment.contentType", "text/plain"),
            Some("urn:ietf:bcp:13")
        );
        assert_eq!(system("Observation", "language", "de"), None);
        assert_eq!(system("Observation", "code", "x"), None);
        assert!(r4().element("Observation", "nonsense").is_none());
        assert!(r4().element("Observation", "value").is_some_and(|element| element.choice));
    }

    #[test]
    fn property_should_resolve_choices_when_the_type_is_in_the_name() {
        let value = r4().property("Observation", "valueQuantity").unwrap();
        assert_eq!((value.element.name, value.fhir_type), ("value", "Quantity"));
        assert_eq!(value.element.json_name("Quantity"), "valueQuantity");
        assert_eq!(r4().property("Observation", "effectiveDateTime").unwrap().fhir_type, "dateTime");
        for name in ["value", "value[x]", "valuequantity", "valueMoney", "valueé", "effectivedateTime", ""] {
            assert!(r4().property("Observation", name).is_none(), "{name}");
        }
    }

    #[test]
    fn every_type_named_by_an_element_should_be_primitive_or_defined() {
        for (parent, elements) in &r4().elements {
            for element in elements {
                for fhir_type in &element.types {
                    let known = is_primitive(fhir_type)
                        || *fhir_type == "Resource"
                        || r4().elements.contains_key(fhir_type);
                    assert!(known, "{parent}.{}: {fhir_type}", element.name);
                }
            }
        }
    }

    #[test]
    fn reference_to_content_of_another_element_should_lead_to_its_elements() {
        let range = r4().property("Observation.component", "referenceRange").unwrap();
        assert!(r4().property(range.fhir_type, "low").is_some());
    }
}
