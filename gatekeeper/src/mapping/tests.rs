#![allow(clippy::unwrap_used)]
use std::path::Path;

use super::*;
use crate::mapping::model::{LabelCodes, NumberType, SourceKind, Withheld};

fn parse(text: &str) -> Result<Mapping, MappingErrors> {
    Mapping::from_toml(text, Path::new("mapping.toml"))
}

/// TOML blocks of the specification, in order.
fn documented() -> Vec<String> {
    let text = include_str!("../../../docs/mapping.md");
    let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("\n```"));
    blocks.map(|(block, _)| block.to_owned()).collect()
}

/// A small mapping, with a part replaced.
fn with(from: &str, to: &str) -> String {
    const LEAST: &str = r#"version = 1
timezone = "Europe/Berlin"
[maps.state]
F = "final"
[[resource]]
type = "Observation"
table = "lab"
key = "id"
patient = "mrn"
[[resource.join]]
name = "o"
table = "lab_order"
on = { id = "order_id" }
[resource.elements]
status = { column = "state", map = "state" }
subject = { reference = "Patient" }
"code.text" = { template = "{name} ({o.kind})" }
"valueQuantity.value" = { column = "value", when = { kind = "NM" } }
[[resource.many]]
element = "component"
table = "part"
on = { lab = "id" }
order = ["line"]
[resource.many.elements]
"code.text" = { column = "name" }
"#;
    assert!(LEAST.contains(from), "{from}");
    LEAST.replacen(from, to, 1)
}

/// The complaints, of which there may be at most two: one mistake should not cause a list.
fn complaints(from: &str, to: &str) -> MappingErrors {
    let errors = parse(&with(from, to)).unwrap_err();
    assert!(errors.iter().count() <= 2, "{errors}");
    errors
}

#[test]
fn documented_examples_should_parse() {
    let blocks = documented();
    let whole: Vec<&String> = blocks.iter().filter(|block| block.contains("version = 1")).collect();
    assert_eq!(whole.len(), 2);
    for block in whole {
        parse(block).unwrap_or_else(|errors| panic!("{errors}"));
    }
    let full = parse(blocks.last().unwrap()).unwrap();
    let types: Vec<&str> = full.resource_types().collect();
    assert_eq!(types, ["DocumentReference", "Encounter", "MedicationRequest", "Observation", "Patient"]);
    let lab = full.target("Observation", "lab").unwrap();
    assert_eq!(
        (lab.source.joins.len(), lab.source.checks.len(), lab.many.len(), lab.labels.len()),
        (2, 1, 1, 1)
    );
    assert!(matches!(full.target("DocumentReference", "").unwrap().withheld, Withheld::When { .. }));
}

#[test]
fn mapping_should_say_file_and_line_when_toml_is_broken() {
    let errors = parse("version = 1\n[[resource]\n").unwrap_err();
    assert!(errors.to_string().starts_with("mapping.toml:2: "), "{errors}");
}

#[test]
fn mapping_should_name_the_line_and_the_cure_when_something_is_wrong() {
    for (from, to, line, words) in [
        ("version = 1", "version = 2", 1, "version 1"),
        ("Europe/Berlin", "Mars/Olympus", 2, "time zone"),
        ("F = \"final\"", "F = \"finel\"", 4, "not a code of status"),
        ("type = \"Observation\"", "type = \"Observations\"", 6, "not a resource type"),
        ("table = \"lab\"\n", "table = \"lab; DROP TABLE x\"\n", 7, "table name"),
        ("table = \"lab\"\n", "table = \"a.b.c\"\n", 7, "table name"),
        ("key = \"id\"", "key = []", 8, "at least one column"),
        ("key = \"id\"", "key = \"id\\\" --\"", 8, "column name"),
        ("patient = \"mrn\"", "patient = \"x.mrn\"", 9, "no join named `x`"),
        ("patient = \"mrn\"", "patients = \"mrn\"", 5, "needs `patient`"),
        ("on = { id = \"order_id\" }", "on = { \"id = 1 OR 1\" = \"order_id\" }", 13, "column name"),
        ("on = { id = \"order_id\" }", "on = {}", 13, "at least one pair"),
        ("map = \"state\"", "map = \"states\"", 15, "no [maps.states]"),
        ("column = \"state\", map", "colum = \"state\", map", 15, "needs one of `column`"),
        ("status = { column = \"state\", map = \"state\" }", "language = \"en\"", 5, "needs `status`"),
        ("status = ", "\"status[0]\" = ", 15, "without index"),
        ("\"code.text\"", "code.text", 17, "in quotes"),
        ("\"code.text\" = { template", "code = { template", 17, "must go on to a value"),
        ("{name} ({o.kind})", "{name} ({o.kind)", 17, "braces"),
        ("{name} ({o.kind})", "{name", 17, "braces"),
        ("{name} ({o.kind})", "name", 17, "names no column"),
        ("{name} ({o.kind})", "{name:2}", 17, "write {name:02}"),
        ("{name} ({o.kind})", "{name:0x}", 17, "write {name:02}"),
        (
            "{ template = \"{name} ({o.kind})\" }",
            "{ template = \"{name}\", format = \"%Y\" }",
            17,
            "for dates and times",
        ),
        (
            "on = { id = \"order_id\" }",
            "on = { id = \"order_id\" }\nwhere = { \"t.state\" = 1 }",
            14,
            "columns of the joined table",
        ),
        (
            "on = { id = \"order_id\" }",
            "on = { id = \"order_id\" }\nwhere = { \"id = 1 OR 1\" = 1 }",
            14,
            "columns of the joined table",
        ),
        (
            "on = { id = \"order_id\" }",
            "on = { id = \"order_id\" }\nwhere = { state = [] }",
            14,
            "met by nothing",
        ),
        ("{ reference = \"Patient\" }", "{ reference = \"Patient\", column = \"x\" }", 16, "takes no column"),
        ("{ reference = \"Patient\" }", "{ reference = \"Encounter\" }", 16, "needs `column`"),
        ("{ reference = \"Patient\" }", "{ reference = \"Encounter\", column = \"x\" }", 16, "does not map"),
        ("{ reference = \"Patient\" }", "{ reference = \"Practitioner\", column = \"x\" }", 16, "`display`"),
        (
            "subject = { reference = \"Patient\" }",
            "\"subject.reference\" = { column = \"mrn\" }",
            16,
            "pseudonyms",
        ),
        ("subject = { reference = \"Patient\" }", "id = { column = \"id\" }", 16, "made by the gatekeeper"),
        (
            "subject = { reference = \"Patient\" }",
            "\"meta.security[0].code\" = \"N\"",
            16,
            "made by the gatekeeper",
        ),
        ("subject = { reference = \"Patient\" }", "\"text.div\" = { column = \"x\" }", 16, "narrative"),
        ("kind = \"NM\"", "kind = 1.5", 18, "whole numbers"),
        ("kind = \"NM\"", "kind = []", 18, "empty list"),
        ("kind = \"NM\"", "kind = { nul = true }", 18, "no key `nul`"),
        ("column = \"value\", ", "column = \"value\", format = \"%d\", ", 18, "for dates and times"),
        ("column = \"value\", ", "column = \"value\", otherwise = 1, ", 18, "belong to a `map`"),
        ("element = \"component\"", "element = \"component[0]\"", 20, "without index at the end"),
        ("element = \"component\"", "element = \"status\"", 20, "cannot repeat"),
        ("order = [\"line\"]", "", 19, "needs `order`"),
        (
            "[resource.many.elements]\n\"code.text\"",
            "[resource.many.elements]\nvalueString",
            19,
            "needs `code`",
        ),
    ] {
        let errors = complaints(from, to);
        let found = errors.iter().find(|error| error.message.contains(words));
        assert_eq!(found.map(|error| error.line), Some(line), "{to}: {errors}");
    }
}

#[test]
fn mapping_should_tell_all_mistakes_at_once_when_there_are_several() {
    let text = with("F = \"final\"", "F = \"finel\"").replace("patient = \"mrn\"", "patient = \"a b\"");
    let errors = parse(&text).unwrap_err();
    assert_eq!(errors.iter().count(), 2, "{errors}");
}

#[test]
fn mapping_should_be_refused_when_two_mappings_have_one_name_or_a_reference_has_two_targets() {
    let second = "[[resource]]\ntype = \"Encounter\"\ntable = \"stay\"\nkey = \"id\"\npatient = \"mrn\"\n[resource.elements]\nstatus = \"finished\"\n\"class.code\" = \"AMB\"\n";
    let text = with("subject = ", "encounter = { reference = \"Encounter\", column = \"stay\" }\nsubject = ");
    assert!(parse(&format!("{text}{second}")).is_ok());
    let twice = format!("{text}{second}{second}");
    let errors = parse(&twice).unwrap_err().to_string();
    assert!(errors.contains("have the name `stay`") && errors.contains("say which one"), "{errors}");
    let other = second.replace("key = \"id\"", "name = \"other\"\nkey = [\"id\", \"line\"]");
    let chosen = text.replace("column = \"stay\" }", "column = \"stay\", of = \"stay\" }");
    assert!(parse(&format!("{chosen}{second}{other}")).is_ok());
    let wrong = text.replace("column = \"stay\" }", "column = \"stay\", of = \"other\" }");
    assert!(parse(&format!("{wrong}{second}{other}")).unwrap_err().to_string().contains("its key has 2"));
}

#[test]
fn template_should_take_doubled_braces_for_braces() {
    let mapping = parse(&with("{name} ({o.kind})", "{{{name}}}")).unwrap();
    let element = mapping.resources()[0]
        .elements
        .iter()
        .find(|element| element.path.to_string() == "code.text")
        .unwrap();
    let SourceKind::Template { pieces, .. } = &element.sources[0].kind else { panic!("no template") };
    use crate::mapping::model::Piece;
    assert_eq!(pieces[0], Piece::Text("{".into()));
    assert_eq!(pieces[2], Piece::Text("}".into()));
}

#[test]
fn labels_should_be_restricted_by_default_when_the_map_lacks_a_value() {
    let label = "[[resource.label]]\nsystem = \"s\"\ncolumn = \"ward\"\nmap = { A = [], B = \"PSY\" }\n";
    let mapping = parse(&with("[[resource.many]]", &format!("{label}[[resource.many]]"))).unwrap();
    let LabelCodes::Column { map, otherwise, null, .. } = &mapping.resources()[0].labels[0].codes else {
        panic!("no column")
    };
    assert!(map["A"].is_empty() && map["B"] == ["PSY"]);
    assert!(otherwise.is_none() && null.is_none());
}

#[test]
fn element_named_reference_should_be_mapped_when_it_is_no_reference_s_target() {
    const CONSENT: &str = r#"version = 1
[[resource]]
type = "Consent"
table = "consent"
key = "id"
patient = "mrn"
[resource.elements]
status = "active"
"scope.text" = "privacy"
"category[0].text" = "privacy"
"provision.data[0].meaning" = "instance"
"provision.data[0].reference" = { reference = "Patient" }
"#;
    let mapping = parse(CONSENT).unwrap_or_else(|errors| panic!("{errors}"));
    let data = mapping.resources()[0].elements.iter().find(|element| element.path.fhir_type() == "Reference");
    assert!(matches!(data.unwrap().sources[0].kind, SourceKind::Patient));
    let many = "[[resource.many]]\nelement = \"provision.data\"\ntable = \"datum\"\non = { consent = \"id\" }\norder = [\"id\"]\n[resource.many.elements]\nmeaning = \"instance\"\nreference = { reference = \"Patient\" }\n";
    let (above, _) = CONSENT.split_once("\"provision").unwrap();
    parse(&format!("{above}{many}")).unwrap_or_else(|errors| panic!("{errors}"));
    for way_round in [
        CONSENT.replace(
            "data[0].reference\" = { reference = \"Patient\" }",
            "data[0].reference.reference\" = \"Patient/1\"",
        ),
        format!(
            "{above}{}",
            many.replace("provision.data", "performer")
                .replace("meaning = \"instance\"\n", "")
                .replace("{ reference = \"Patient\" }", "\"Patient/1\"")
        ),
    ] {
        let errors = parse(&way_round).unwrap_err().to_string();
        assert!(errors.contains("pseudonyms"), "{errors}");
    }
}

#[test]
fn record_number_type_should_be_inherited_unless_given() {
    let text = with("version = 1", "version = 1\nrecord_number_type = \"integer\"");
    assert_eq!(parse(&text).unwrap().resources()[0].number_type, NumberType::Integer);
    let text = text.replace("table = \"lab\"\n", "table = \"lab\"\nrecord_number_type = \"uuid\"\n");
    assert_eq!(parse(&text).unwrap().resources()[0].number_type, NumberType::Uuid);
}

#[test]
fn indices_should_leave_no_gap() {
    let errors = complaints("\"code.text\"", "\"code.coding[1].code\"");
    assert!(errors.to_string().contains("leaves a gap"), "{errors}");
}

proptest::proptest! {
    #[test]
    fn parsing_should_never_panic(text in "(\\[\\[resource\\]\\]\n)?((type|table|key|patient|elements|where|withheld|\"code.text\") = (\"\\PC{0,8}\"|\\{ \\PC{0,8} \\}|[0-9]{0,3}|\\[\\])\n){0,6}") {
        let _ = parse(&format!("version = 1\n{text}"));
    }
}

#[test]
fn upstream_should_be_read_or_refused_with_the_line() {
    const LEAST: &str = "version = 1\n[upstream]\npatient = \"id\"\nunlabelled = \"open\"\n[[upstream.resource]]\ntype = \"Observation\"\n\
                         withheld = [\"http://s|PSYTHPN\"]\nground = \"45 CFR 164.524(a)(1)(i)\"\n";
    let mapping = parse(LEAST).unwrap();
    assert!(mapping.maps("Observation") && !mapping.maps("Patient"));
    assert_eq!(
        mapping.upstream().unwrap().resources[0].withheld,
        [("http://s".to_owned(), "PSYTHPN".to_owned())]
    );
    for (from, to, line, words) in [
        ("\"id\"", "\"mrn\"", 3, "the system of its identifier"),
        ("\"open\"", "\"none\"", 4, "`unlabelled` says"),
        ("unlabelled = \"open\"\n", "", 2, "needs `unlabelled`"),
        ("type = \"Observation\"", "type = \"Appointment\"", 6, "could not be checked"),
        ("type = \"Observation\"", "type = \"Observation\"\nsearch = \"patient=x&y\"", 7, "search parameter"),
        ("\"http://s|PSYTHPN\"", "\"PSYTHPN\"", 7, "system|code"),
        ("[[upstream.resource]]", "[[resource]]", 2, "either about a database"),
        ("ground =", "grounds =", 8, "no key `grounds`"),
    ] {
        assert!(LEAST.contains(from), "{from}");
        let errors = parse(&LEAST.replacen(from, to, 1)).unwrap_err();
        let found = errors.iter().any(|error| error.line == line && error.message.contains(words));
        assert!(found, "{to}: {errors}");
    }
}

#[test]
fn mappings_to_begin_with_should_parse() {
    for text in [
        include_str!("../../mappings/omop-cdm-5.4/mapping.toml"),
        include_str!("../../mappings/openmrs-2/mapping.toml"),
        include_str!("../../mappings/legacy/mapping.toml"),
    ] {
        parse(text).unwrap_or_else(|errors| panic!("{errors}"));
    }
}
