//! Everything that strangers write is made up here, at random: whatever comes, nothing panics and nothing hangs.
//!
//! Two seconds each by default; `scripts/fuzz` does it for as long as it is told, or overnight.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use axum::{body::Body, http::Request};
use medrec_client::{
    request::Authorization,
    sealing::{open_terms, seal_terms, TermsContext},
    signin::SignIn,
    SealingSecret,
};
use medrec_gatekeeper::{fhir, mapping::Mapping};
use medrec_policy::{Scope, Terms};
use medrec_primitives::{Effect, RelationshipId, SealedTerms, Viewer, TERMS_PLAINTEXT_BYTES};
use serde_json::json;
use tokio::runtime::Runtime;

#[path = "../common/mod.rs"]
mod common;
mod engine;

use common::{person, Fixture};
use engine::{fuzz, Target};

/// Requests that one gatekeeper takes from one address before it is told to slow down.
const REQUESTS: u32 = 1000;

fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn scopes_and_terms_should_be_read_or_refused_whatever_they_are() {
    let target = Target {
        name: "scope grammar",
        seeds: seeds(&[
            "patient/Observation.rs",
            "patient/*.rs",
            "patient/Observation.rs?category=laboratory&_elements=code,valueQuantity",
            "patient/*.r;purpose=COC,TREAT",
            "patient/*.r;period=2020-01-01..2021-01-01",
            "patient/*.r;staff=s1-1,s1-2",
        ]),
        words: &[
            "patient/",
            ".rs",
            ".",
            "?",
            "&",
            "|",
            "=",
            ",",
            ";",
            "purpose=",
            "period=",
            "_elements=",
            "category=",
            "code=",
            "staff=s0-0",
            "*",
            "%",
            " ",
        ],
    };
    fuzz(target, |input| {
        let Ok(text) = std::str::from_utf8(input) else { return false };
        let scope: Option<Scope> = text.parse().ok();
        if let Some(scope) = &scope {
            assert_eq!(
                scope.to_string().parse::<Scope>().as_ref(),
                Ok(scope),
                "another scope when written down"
            );
            assert!(scope.contains(scope));
        }
        let terms: Option<Terms> = text.parse().ok();
        if let Some(terms) = &terms {
            assert_eq!(
                terms.to_string().parse::<Terms>().as_ref(),
                Ok(terms),
                "other terms when written down"
            );
            if let Ok(packed) = terms.pack() {
                assert_eq!(Terms::unpack(&packed).as_ref(), Ok(terms), "other terms when packed");
            }
        }
        scope.is_some() || terms.is_some()
    });
}

#[test]
fn sealed_terms_should_be_opened_or_refused_whatever_they_are() {
    let secret = SealingSecret::generate();
    let context = TermsContext {
        genesis: Default::default(),
        relationship: RelationshipId::new(0, 3),
        viewer: Viewer::Key([9; 32].into()),
        effect: Effect::Allow,
        not_before: None,
        not_after: None,
        may_share: false,
    };
    let terms: Terms = "patient/Observation.rs;purpose=TREAT".parse().unwrap();
    let sealed = seal_terms(&terms, &secret.public(), 0, &context).unwrap();
    let target = Target {
        name: "sealed terms",
        // What is sealed, and what is inside.
        seeds: vec![codec::Encode::encode(&sealed), terms.pack().unwrap().to_vec()],
        words: &["\0", "\u{1}", "\u{7f}", "\u{0}\u{0}\u{0}\u{0}"],
    };
    fuzz(target, |input| {
        let mut taken = false;
        if let Ok(read) = <SealedTerms as codec::DecodeAll>::decode_all(&mut &*input) {
            let opened = open_terms(&read, &secret, &context);
            assert!(opened.is_err() || read == sealed, "altered, and opened");
            taken = true;
        }
        let mut packed = [0; TERMS_PLAINTEXT_BYTES];
        let length = input.len().min(TERMS_PLAINTEXT_BYTES);
        packed[..length].copy_from_slice(&input[..length]);
        if let Ok(terms) = Terms::unpack(&packed) {
            assert_eq!(terms.pack().unwrap(), packed, "two ways to pack the same");
            taken = true;
        }
        taken
    });
}

#[test]
fn sign_ins_and_signed_requests_should_be_read_or_refused_whatever_they_are() {
    let runtime = Runtime::new().unwrap();
    let fixture = runtime.block_on(Fixture::new());
    let challenge = |purpose: &str, patient: Option<&str>| {
        let asked = json!({ "account": sp_core::crypto::Ss58Codec::to_ss58check(&person("Ann").account()), "purpose": purpose, "patient": patient });
        let (status, body) = runtime.block_on(fixture.post("/auth/challenge", &asked));
        assert_eq!(status, 200, "{body}");
        body["message"].as_str().unwrap().as_bytes().to_vec()
    };
    let request = fixture.signed(&person("Ann"), medrec_policy::Purpose::Treatment, "/log?patient=r0-3");
    let header = request.headers()["authorization"].as_bytes().to_vec();
    let target = Target {
        name: "sign-in message",
        seeds: vec![challenge("TREAT", None), challenge("PATRQT", Some("r0-3")), header],
        words: &[
            "\n",
            "URI: ",
            "Version: ",
            "Chain ID: ",
            "Nonce: ",
            "Issued At: ",
            "2026-01-01T00:00:00Z",
            "Resources:",
            "- ",
            " wants you to sign in",
            "account=",
            "signature=",
            ",",
            "\"",
        ],
    };
    fuzz(target, |input| {
        let Ok(text) = std::str::from_utf8(input) else { return false };
        let sign_in = SignIn::parse(text);
        if let Ok(sign_in) = &sign_in {
            assert_eq!(sign_in.to_string(), text, "a text with two spellings");
        }
        let authorization = Authorization::parse(text);
        if let Ok(authorization) = &authorization {
            assert_eq!(authorization.to_string(), text, "a header with two spellings");
        }
        sign_in.is_ok() || authorization.is_ok()
    });
}

#[test]
fn mapping_files_should_be_read_or_refused_whatever_they_are() {
    let legacy = "../tests/data";
    let mut files: Vec<Vec<u8>> = walk(Path::new(legacy));
    assert!(!files.is_empty(), "no mapping files in {legacy}");
    files.push(MAPPING.as_bytes().to_vec());
    let target = Target {
        name: "mapping file",
        seeds: files,
        words: &[
            "[[resource]]",
            "[resource.elements]",
            "[[resource.label]]",
            "type = \"Patient\"",
            "{ column = \"a\" }",
            "\"a[0].b[1].c\"",
            " = ",
            "\"",
            "[",
            "]",
            "map = { A = [] }",
            "reference = \"Patient\"",
            "\n",
            "#",
        ],
    };
    fuzz(target, |input| {
        let Ok(text) = std::str::from_utf8(input) else { return false };
        match Mapping::from_toml(text, Path::new("mapping.toml")) {
            Ok(_) => true,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                false
            }
        }
    });
}

const MAPPING: &str = r#"
version = 1
timezone = "UTC"

[[resource]]
type = "Patient"
table = "patient"
key = "mrn"
patient = "mrn"
[resource.elements]
"name[0].family" = { column = "name" }
"#;

/// The mapping files beneath a folder.
fn walk(folder: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("mapping.toml")) {
            found.push(std::fs::read(path).unwrap());
        }
    }
    found
}

/// A gatekeeper that is replaced by a fresh one before it asks to slow down.
struct Lab {
    runtime: Runtime,
    fixture: Option<(Fixture, String, RelationshipId)>,
    asked: u32,
}

impl Lab {
    fn new() -> Self {
        Self { runtime: Runtime::new().unwrap(), fixture: None, asked: 0 }
    }

    /// Sends a request; `make` is told the token of somebody who may read, and whose.
    fn send(&mut self, make: impl FnOnce(&str, RelationshipId) -> Request<Body>) -> u16 {
        if self.asked.is_multiple_of(REQUESTS) {
            self.fixture = Some(self.runtime.block_on(async {
                let fixture = Fixture::new().await;
                let patient = fixture.enrol(&person("Carol"), "A-1").await;
                fixture.grant(patient, &person("Doctor"), "patient/*.rs;purpose=TREAT");
                let token = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
                (fixture, token, patient)
            }));
        }
        self.asked += 1;
        let (fixture, token, patient) = self.fixture.as_ref().unwrap();
        let response = self.runtime.block_on(fixture.send(make(token, *patient)));
        response.status().as_u16()
    }
}

#[test]
fn searches_should_be_answered_or_refused_whatever_they_are() {
    let mut lab = Lab::new();
    let target = Target {
        name: "FHIR search",
        seeds: seeds(&[
            "code=718-7",
            "code=http://loinc.org|718-7,2345-7&date=ge2020-01-01&date=lt2030",
            "_id=r0-0.00000000000000000000000000000000&_count=5",
            "_elements=code,status&_lastUpdated=gt2020-01-01T00:00:00Z&_format=json",
            "category=laboratory&status=final&_count=1",
        ]),
        words: &[
            "&",
            "=",
            ",",
            "|",
            "%",
            "%2C",
            "%ff",
            "_count=",
            "_id=",
            "_elements=",
            "date=ge",
            "code=",
            "patient=r0-0",
            ":not=",
            ":missing=true",
            "\\",
            "+",
            "9999-99-99",
            "18446744073709551616",
        ],
    };
    fuzz(target, |input| {
        if let Ok(text) = std::str::from_utf8(input) {
            let _ = fhir::parse_query("Observation", text);
        }
        let status = lab.send(|token, patient| {
            let form = [format!("patient={patient}&").as_bytes(), input].concat();
            Request::post("/fhir/Observation/_search")
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from(form))
                .unwrap()
        });
        assert!([200, 400, 404, 406, 413].contains(&status), "{status}");
        status == 200
    });
}

#[test]
fn json_rpc_should_be_answered_or_refused_whatever_it_is() {
    let mut lab = Lab::new();
    let target = Target {
        name: "JSON-RPC bodies",
        seeds: seeds(&[
            r#"{"jsonrpc":"2.0","id":1,"method":"medrec_status"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"medrec_search","params":{"patient":"r0-0","type":"Observation","query":"code=718-7"}}"#,
            r#"[{"jsonrpc":"2.0","id":"a","method":"medrec_read","params":{"patient":"r0-0","type":"Patient","id":"r0-0"}},{"jsonrpc":"2.0","id":2,"method":"medrec_log","params":{"patient":"r0-0","after":0}}]"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"medrec_challenge","params":{"account":"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY","purpose":"TREAT"}}"#,
        ]),
        words: &[
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "null",
            "1e999",
            "-0",
            "\\u0000",
            "\"params\":",
            "\"method\":\"medrec_search\"",
            "\"id\":",
            "\"token\":\"a\"",
        ],
    };
    fuzz(target, |input| {
        let status = lab.send(|token, _| {
            Request::post("/rpc")
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json")
                .body(Body::from(input.to_vec()))
                .unwrap()
        });
        assert!([200, 400, 413].contains(&status), "{status}");
        status == 200
    });
}
