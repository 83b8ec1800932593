//! What is taken and what is refused.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::chain::Hash;

const LEAST: &str = r#"
    [gatekeeper]
    public_url = "https://gatekeeper.example.org"
    [keys]
    signing = "signing.key"
    sealing = ["sealing-0.key"]
    pseudonyms = "/elsewhere/pseudonyms.key"
    [chain]
    url = "ws://127.0.0.1:9944"
    [database]
    url = "sqlite:hospital.sqlite"
    mapping = "mapping.toml"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/etc/medrec/gatekeeper.toml"))
}

#[test]
fn config_should_fill_defaults_when_only_the_least_is_given() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.limits.body_bytes, 64 * 1024);
    assert_eq!(config.chain.max_finality_age_ms, 60_000);
    assert_eq!(config.gatekeeper.domain(), "gatekeeper.example.org");
    assert_eq!(config.gatekeeper.member, None);
}

#[test]
fn config_should_resolve_paths_against_its_folder_when_relative() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.keys.signing, Path::new("/etc/medrec/signing.key"));
    assert_eq!(config.keys.sealing, [Path::new("/etc/medrec/sealing-0.key")]);
    assert_eq!(config.keys.pseudonyms, Path::new("/elsewhere/pseudonyms.key"));
    assert_eq!(config.store.path, Path::new("/etc/medrec/gatekeeper.sqlite"));
}

#[test]
fn config_should_take_requests_from_a_node_when_it_says_so_only() {
    assert!(parse(LEAST).unwrap().requests.is_none());
    let config = parse(&format!("{LEAST}\n[requests]\nsecret = \"hand-over.key\"")).unwrap();
    assert_eq!(config.requests.unwrap().secret, Path::new("/etc/medrec/hand-over.key"));
    assert!(parse(&format!("{LEAST}\n[requests]")).is_err());
}

#[test]
fn config_should_serve_a_page_when_it_names_folder_and_node_only() {
    assert!(parse(LEAST).unwrap().portal.is_none());
    let config = parse(&format!("{LEAST}\n[portal]\ndir = \"page\"\nnode = \"wss://n.example\"")).unwrap();
    assert_eq!(config.portal.unwrap().dir, Path::new("/etc/medrec/page"));
    assert!(parse(&format!("{LEAST}\n[portal]\ndir = \"page\"")).is_err());
    let wrong = parse(&format!("{LEAST}\n[portal]\ndir = \"page\"\nnode = \"https://n.example\""));
    assert!(wrong.unwrap_err().to_string().contains("portal.node"));
}

#[test]
fn config_should_have_research_when_it_names_definitions_only() {
    assert!(parse(LEAST).unwrap().research.is_none());
    let research = |more: &str| parse(&format!("{LEAST}\n[research]\n{more}"));
    let config = research("definitions = \"tables\"").unwrap().research.unwrap();
    assert_eq!(config.definitions, Path::new("/etc/medrec/tables"));
    assert!(config.place && config.timeout_ms == 600_000);
    assert!(research("").is_err());
    assert!(research("definitions = \"tables\"\ntimeout_ms = 0").is_err());
    assert!(research("definitions = \"tables\"\nrho = 1").is_err());
}

#[test]
fn stand_ins_should_be_few_different_and_websockets_when_they_are_named() {
    let parse = |list: &str| parse(&LEAST.replace("[chain]", &format!("[chain]\nstand_ins = {list}")));
    let config = parse(r#"["ws://127.0.0.1:9955", "wss://second.example"]"#).unwrap();
    assert_eq!(config.chain.nodes().urls().len(), 3);
    assert_eq!(config.chain.nodes().urls()[1], "ws://127.0.0.1:9955");
    assert!(parse("[]").is_ok());
    for wrong in [
        r#"["http://127.0.0.1:9955"]"#.to_owned(),
        r#"["ws://a", "ws://a"]"#.to_owned(),
        r#"["ws://a", "ws://b", "ws://c", "ws://d"]"#.to_owned(),
        format!("[{:?}]", config.chain.url),
    ] {
        assert!(parse(&wrong).unwrap_err().to_string().contains("chain.stand_ins"), "{wrong}");
    }
}

#[test]
fn config_should_be_refused_when_a_key_is_unknown() {
    let text = LEAST.replace("[chain]", "[chain]\nmax_finality_age = 5");
    assert!(parse(&text).unwrap_err().to_string().contains("max_finality_age"));
}

#[test]
fn config_should_be_refused_when_the_public_url_has_a_path_or_is_plain() {
    for url in [
        "https://a.example/",
        "https://a.example/x",
        "http://a.example",
        "ftp://a",
        "https://",
        "http://localhost.evil.example",
    ] {
        let text = LEAST.replace("https://gatekeeper.example.org", url);
        assert!(parse(&text).is_err(), "{url}");
    }
    for url in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080"] {
        let text = LEAST.replace("https://gatekeeper.example.org", url);
        assert!(parse(&text).is_ok(), "{url}");
    }
}

#[test]
fn config_should_be_refused_when_an_origin_is_not_spelt_as_browsers_do() {
    let with = |origin: &str| parse(&format!("{LEAST}\n[cors]\norigins = [\"{origin}\"]"));
    for origin in ["https://portal.example.org", "https://a.example:8443", "http://localhost:3000"] {
        assert!(with(origin).is_ok(), "{origin}");
    }
    for origin in [
        "*",
        "null",
        "https://",
        "https://a.example/",
        "https://A.example",
        "https://a.example:443",
        "http://a.example",
        "https://*.example",
        "a.example",
    ] {
        assert!(with(origin).unwrap_err().to_string().contains("cors.origins"), "{origin}");
    }
}

#[test]
fn config_should_be_refused_when_an_app_could_be_impersonated() {
    let with = |id: &str, uri: &str| {
        let client =
            |id: &str| format!("[[smart.client]]\nid = '{id}'\nname = 'Chart'\nredirect_uris = ['{uri}']\n");
        parse(&format!("{LEAST}\n{}{}", client("first"), client(id)))
    };
    for uri in [
        "https://app.example/cb",
        "https://app.example:8443/cb?x=1",
        "http://127.0.0.1:3000/",
        "org.example.app:/cb",
    ] {
        assert!(with("second", uri).is_ok(), "{uri}");
    }
    for uri in [
        "http://app.example/cb",
        "https://app.example/cb#x",
        "javascript:alert(1)",
        "app:/cb",
        "/cb",
        "https://",
        "https://u@app.example/",
        "data:text/html,x",
        "",
    ] {
        assert!(with("second", uri).is_err(), "{uri}");
    }
    assert!(with("first", "https://app.example/cb").unwrap_err().to_string().contains("smart.client.id"));
    let config = with("second", "https://app.example/cb").unwrap();
    assert!(config.origins().iter().all(|origin| origin == "https://app.example"));
}

#[test]
fn config_should_be_refused_when_a_limit_is_zero() {
    let text = format!("{LEAST}\n[limits]\nbody_bytes = 0");
    assert!(parse(&text).unwrap_err().to_string().contains("limits.body_bytes"));
}

#[test]
fn config_should_take_a_genesis_when_written_as_hex() {
    let text = LEAST.replace("[database]", &format!("genesis = \"0x{}\"\n[database]", "ab".repeat(32)));
    assert_eq!(parse(&text).unwrap().chain.genesis, Some(Hash::repeat_byte(0xab)));
}
