//! The part of a mapping file that is about a foreign FHIR server.

use super::node::{Node, Reader};
use crate::fhir::definitions::{r4, Element};

/// What is read from a foreign FHIR server.
#[derive(Debug)]
pub struct Upstream {
    /// What the record number is at the server.
    pub patient: PatientBy,
    /// Whether resources without any security label are restricted.
    pub restrict_unlabelled: bool,
    /// The types that are read.
    pub resources: Vec<UpstreamResource>,
    /// Where it begins in the file.
    pub line: usize,
}

/// What the record number is at a foreign FHIR server.
#[derive(Debug)]
pub enum PatientBy {
    /// The id of the Patient.
    Id,
    /// An identifier of this system.
    Identifier(String),
}

/// A type of resource at a foreign FHIR server.
#[derive(Debug)]
pub struct UpstreamResource {
    /// The FHIR type.
    pub resource_type: &'static str,
    /// The search parameter that names the patient.
    pub search: String,
    /// Labels, as system and code, of resources that are withheld.
    pub withheld: Vec<(String, String)>,
    /// The ground on which they are.
    pub ground: Option<String>,
    /// Where it begins in the file.
    pub line: usize,
}

impl Upstream {
    /// What is known of a type, if it is read.
    pub fn resource(&self, resource_type: &str) -> Option<&UpstreamResource> {
        self.resources.iter().find(|resource| resource.resource_type == resource_type)
    }

    /// The elements by which a resource names its patient.
    pub(crate) fn patient_elements(elements: &[Element]) -> impl Iterator<Item = &'static str> + '_ {
        elements
            .iter()
            .filter(|element| {
                matches!(element.name, "subject" | "patient" | "beneficiary")
                    && !element.many
                    && !element.choice
                    && element.types == ["Reference"]
            })
            .map(|element| element.name)
    }
}

/// Reads `[upstream]`.
pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Upstream> {
    const WHAT: &str = "[upstream]";
    let mut fields = reader.fields(node, WHAT)?;
    let patient = fields.need(reader, "patient", WHAT);
    let unlabelled = fields.need(reader, "unlabelled", WHAT);
    let nodes = reader.tables(fields.take("resource"), "upstream.resource");
    let at = fields.at;
    fields.finish(reader, WHAT);
    let patient = match reader.text(patient?, "`patient`")? {
        "id" => PatientBy::Id,
        system if system.contains(':') && !system.contains(char::is_whitespace) => {
            PatientBy::Identifier(system.to_owned())
        }
        other => {
            let message = format!("`patient` is \"id\", if the record number is the id of the Patient, or the system of its identifier, a URI; not `{other}`");
            reader.error(patient?.at, message);
            return None;
        }
    };
    let restrict_unlabelled = match reader.text(unlabelled?, "`unlabelled`")? {
        "restricted" => true,
        "open" => false,
        other => {
            reader.error(
                unlabelled?.at,
                format!("`unlabelled` says what resources without meta.security are: \"restricted\" or \"open\", not `{other}`"),
            );
            return None;
        }
    };
    if nodes.is_empty() {
        reader.error(at, "[upstream] reads nothing: it needs at least one [[upstream.resource]]");
    }
    let mut resources: Vec<UpstreamResource> = Vec::new();
    for node in nodes {
        let Some(found) = resource(reader, node) else { continue };
        if resources.iter().any(|known| known.resource_type == found.resource_type) {
            reader.error(node.at, format!("{} is read already", found.resource_type));
        }
        resources.push(found);
    }
    Some(Upstream { patient, restrict_unlabelled, resources, line: reader.line(at) })
}

fn resource(reader: &Reader<'_>, node: &Node) -> Option<UpstreamResource> {
    const WHAT: &str = "[[upstream.resource]]";
    let mut fields = reader.fields(node, WHAT)?;
    let type_node = fields.need(reader, "type", WHAT);
    let (search, withheld, ground) = (fields.take("search"), fields.take("withheld"), fields.take("ground"));
    fields.finish(reader, WHAT);
    let type_node = type_node?;
    let text = reader.text(type_node, "`type`")?;
    let known = r4().resource(text).filter(|resource_type| {
        *resource_type == "Patient"
            || Upstream::patient_elements(r4().elements(resource_type)).next().is_some()
    });
    let Some(resource_type) = known else {
        reader.error(
            type_node.at,
            format!("`{text}` is not a resource type of FHIR R4 that names its one patient in `subject`, `patient` or `beneficiary`: whose it is could not be checked"),
        );
        return None;
    };
    let search = match search {
        Some(node) => {
            let name = reader.text(node, "`search`")?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-') {
                reader.error(node.at, format!("`{name}` is not the name of a search parameter"));
            }
            name
        }
        None => "patient",
    };
    let token = |text: &str| -> Option<(String, String)> {
        let (system, code) =
            text.split_once('|').filter(|(system, code)| !system.is_empty() && !code.is_empty())?;
        Some((system.to_owned(), code.to_owned()))
    };
    let mut labels = Vec::new();
    if let Some(node) = withheld {
        for text in reader.texts(node, "`withheld`") {
            match token(text) {
                Some(label) => labels.push(label),
                None => reader
                    .error(node.at, format!("`{text}`: `withheld` lists security labels as \"system|code\"")),
            }
        }
    }
    let ground = ground.and_then(|node| reader.text(node, "`ground`")).map(str::to_owned);
    Some(UpstreamResource {
        resource_type,
        search: search.to_owned(),
        withheld: labels,
        ground,
        line: reader.line(node.at),
    })
}
