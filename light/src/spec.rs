//! Specifications of chains: read, and judged before anything is started, so that what is wrong is said in words.

use std::{fs::File, io::Read, path::Path};

use anyhow::{bail, ensure, Context};
use serde_json::Value;

/// The longest file that is read (bytes). Westend's has 6 MB.
const LONGEST: u64 = 64 * 1024 * 1024;

/// A chain's specification.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The JSON text, with further addresses of nodes.
    pub text: String,
    /// The chain's identifier.
    pub id: String,
    /// The identifier of the relay chain, of a parachain.
    relay_chain: Option<String>,
}

impl Spec {
    /// Reads a file, and adds addresses of nodes to those in it.
    pub fn read(path: &Path, bootnodes: &[String]) -> anyhow::Result<Self> {
        let of_file = || path.display().to_string();
        let file = File::open(path).with_context(of_file)?;
        let mut text = String::new();
        file.take(LONGEST + 1).read_to_string(&mut text).with_context(of_file)?;
        ensure!(text.len() as u64 <= LONGEST, "{}: longer than 64 MiB, so no specification", path.display());
        Self::parse(&text, bootnodes).with_context(of_file)
    }

    fn parse(text: &str, bootnodes: &[String]) -> anyhow::Result<Self> {
        let mut spec: Value = serde_json::from_str(text).context("not JSON")?;
        let word = |key: &str| spec[key].as_str().map(str::to_owned);
        let id = word("id").context("not a chain's specification: it has no `id`")?;
        let relay_chain = word("relay_chain").or_else(|| word("relayChain"));
        let genesis = &spec["genesis"];
        let checkpoint = spec.get("lightSyncState").is_some_and(Value::is_object);
        if !checkpoint && genesis.get("raw").is_none() {
            ensure!(
                genesis.get("runtimeGenesis").is_none() && genesis.get("runtime").is_none(),
                "a plain specification: give the raw one (medrec-node chain-spec-builder convert-to-raw)"
            );
            bail!("neither the genesis state (`genesis.raw`) nor a checkpoint (`lightSyncState`) is in it");
        }
        if let Some(top) = spec.pointer_mut("/genesis/raw/top").and_then(Value::as_object_mut) {
            top.values_mut().for_each(spell_out);
        }
        if !spec["bootNodes"].is_array() {
            spec["bootNodes"] = Value::Array(Vec::new());
        }
        let nodes = spec["bootNodes"].as_array_mut().context("`bootNodes` is a list")?;
        nodes.extend(bootnodes.iter().map(|node| Value::String(node.clone())));
        ensure!(
            !nodes.is_empty(),
            "no address of a node is in it (`bootNodes`): add one, or give it by an option"
        );
        for node in bootnodes {
            ensure!(can_be_dialled(node), "{node}: {DIALLED}");
        }
        ensure!(
            nodes.iter().any(|node| node.as_str().is_some_and(can_be_dialled)),
            "none of the addresses in it (`bootNodes`) can be dialled: {DIALLED}"
        );
        Ok(Self { text: spec.to_string(), id, relay_chain })
    }

    /// Refuses a pair that does not belong together.
    pub fn expect_parachain_of(&self, relay: &Self) -> anyhow::Result<()> {
        if let Some(other) = &relay.relay_chain {
            bail!("{} is a parachain of {other}, and was given as the relay chain", relay.id);
        }
        let Some(named) = &self.relay_chain else {
            bail!("{} names no relay chain (`relay_chain`): it was given as the parachain", self.id);
        };
        ensure!(
            *named == relay.id,
            "{} is a parachain of {named}; the relay chain that was given is {}",
            self.id,
            relay.id
        );
        Ok(())
    }
}

/// Nodes take bytes without `0x`, too, and zombienet writes some so; smoldot does not.
fn spell_out(bytes: &mut Value) {
    if let Value::String(text) = bytes {
        if !text.starts_with("0x") {
            text.insert_str(0, "0x");
        }
    }
}

const DIALLED: &str =
    "an address is /ip4|ip6|dns|dns4|dns6/<host>/tcp/<port>[/ws]/p2p/<peer>; wss is not supported";

fn can_be_dialled(address: &str) -> bool {
    let mut parts = address.split('/');
    let well_formed = parts.next() == Some("")
        && parts.next().is_some_and(|kind| ["ip4", "ip6", "dns", "dns4", "dns6"].contains(&kind))
        && parts.next().is_some_and(|host| !host.is_empty())
        && parts.next() == Some("tcp")
        && parts.next().is_some_and(|port| port.parse::<u16>().is_ok());
    let rest: Vec<&str> = parts.collect();
    well_formed && matches!(rest[..], ["p2p", _] | ["ws", "p2p", _])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NODE: &str = "/ip4/127.0.0.1/tcp/30333/ws/p2p/12D3KooWQk1yQtG1YugyKjiQf6KNk8VjGGAT5xy1FWcnRKN4yXYJ";

    fn relay() -> Value {
        json!({ "id": "westend_local_testnet", "bootNodes": [NODE], "genesis": { "raw": { "top": {} } } })
    }

    fn parachain() -> Value {
        json!({
            "id": "medrec_local", "relay_chain": "westend_local_testnet", "para_id": 1000, "bootNodes": [NODE],
            "genesis": { "raw": { "top": {} } }
        })
    }

    fn parse(spec: &Value) -> anyhow::Result<Spec> {
        Spec::parse(&spec.to_string(), &[])
    }

    fn refusal(spec: &Value) -> String {
        parse(spec).unwrap_err().to_string()
    }

    #[test]
    fn specs_should_be_taken_when_they_belong_together() {
        parse(&parachain()).unwrap().expect_parachain_of(&parse(&relay()).unwrap()).unwrap();
    }

    #[test]
    fn specs_should_be_refused_when_the_relay_chain_is_another() {
        let mut other = relay();
        other["id"] = json!("paseo");
        let refused = parse(&parachain()).unwrap().expect_parachain_of(&parse(&other).unwrap()).unwrap_err();
        assert!(refused.to_string().contains("is a parachain of westend_local_testnet"), "{refused}");
    }

    #[test]
    fn specs_should_be_refused_when_they_are_exchanged() {
        let (relay, parachain) = (parse(&relay()).unwrap(), parse(&parachain()).unwrap());
        let refused = relay.expect_parachain_of(&parachain).unwrap_err();
        assert!(refused.to_string().contains("was given as the relay chain"), "{refused}");
        assert!(relay.expect_parachain_of(&relay).unwrap_err().to_string().contains("names no relay chain"));
    }

    #[test]
    fn bytes_should_be_spelt_out_when_a_specification_leaves_it() {
        let mut spec = relay();
        spec["genesis"]["raw"]["top"] = json!({ "0x01": "0402", "0x02": "0x0402" });
        let parsed: Value = serde_json::from_str(&parse(&spec).unwrap().text).unwrap();
        assert_eq!(parsed["genesis"]["raw"]["top"], json!({ "0x01": "0x0402", "0x02": "0x0402" }));
    }

    #[test]
    fn spec_should_be_refused_when_it_has_no_nodes() {
        for nodes in [json!([]), json!(null)] {
            let mut spec = relay();
            spec["bootNodes"] = nodes;
            assert!(refusal(&spec).contains("no address of a node"), "{}", refusal(&spec));
            let added = Spec::parse(&spec.to_string(), &[NODE.to_owned()]).unwrap();
            assert!(added.text.contains(NODE));
        }
    }

    #[test]
    fn spec_should_be_refused_when_no_node_can_be_dialled() {
        let peer = "12D3KooWQk1yQtG1YugyKjiQf6KNk8VjGGAT5xy1FWcnRKN4yXYJ";
        for node in [
            format!("/dns/node.example/tcp/443/wss/p2p/{peer}"),
            "/ip4/127.0.0.1/tcp/30333".to_owned(),
            format!("/ip4/127.0.0.1/udp/30333/p2p/{peer}"),
            format!("/ip4//tcp/30333/p2p/{peer}"),
            format!("/ip4/127.0.0.1/tcp/99999/p2p/{peer}"),
            "127.0.0.1:30333".to_owned(),
        ] {
            let mut spec = relay();
            spec["bootNodes"] = json!([node]);
            assert!(refusal(&spec).contains("can be dialled"), "{node}");
            assert!(Spec::parse(&relay().to_string(), &[node]).is_err());
        }
    }

    #[test]
    fn spec_should_be_refused_when_it_is_plain_or_something_else() {
        let mut spec = relay();
        spec["genesis"] = json!({ "runtimeGenesis": {} });
        assert!(refusal(&spec).contains("give the raw one"));
        spec["genesis"] = json!({});
        assert!(refusal(&spec).contains("neither"));
        spec["lightSyncState"] = json!({});
        assert!(parse(&spec).is_ok());
        assert!(refusal(&json!({ "name": "x" })).contains("no `id`"));
        assert!(Spec::parse("no JSON", &[]).is_err());
        assert!(Spec::read(Path::new("/nowhere"), &[]).unwrap_err().to_string().contains("/nowhere"));
    }
}
