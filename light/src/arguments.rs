//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;

/// Where it listens, unless said.
const LISTEN: &str = "127.0.0.1:9955";

/// Connections at the same time, unless said.
const CONNECTIONS: usize = 64;

/// What the program is told.
#[derive(Debug, Parser)]
#[command(
    name = "medrec-light",
    version,
    about = "A light client of our parachain that is asked like a node: it proves finality and storage itself, and keeps no chain",
    after_help = "Examples:\n  \
        medrec-light --relay-chain relay.json --parachain medrec.json\n  \
        medrec-light --relay-chain relay.json --parachain medrec.json --database /var/lib/medrec-light\n  \
        medrec --node ws://127.0.0.1:9955 members\n\n\
        Both specifications are raw ones, as nodes take them, with addresses of nodes (`bootNodes`) or --bootnode and\n\
        --relay-bootnode. It dials tcp and ws, not wss.\n\
        What is logged: MEDREC_LOG, e.g. MEDREC_LOG=info or MEDREC_LOG=medrec_light=info,network=debug."
)]
pub struct Arguments {
    /// The relay chain's raw specification
    #[arg(long, value_name = "FILE")]
    pub relay_chain: PathBuf,

    /// The parachain's raw specification, which names that relay chain
    #[arg(long, value_name = "FILE")]
    pub parachain: PathBuf,

    /// Where the parachain's JSON-RPC is served over WebSocket: this machine only
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN, value_parser = loopback)]
    pub listen: SocketAddr,

    /// A folder in which it keeps what it knows of the networks from one start to the next
    #[arg(long, value_name = "FOLDER")]
    pub database: Option<PathBuf>,

    /// A node of the parachain, besides those in its specification: /ip4/.../tcp/.../p2p/...; may be given again
    #[arg(long = "bootnode", value_name = "MULTIADDRESS")]
    pub bootnodes: Vec<String>,

    /// The same for the relay chain
    #[arg(long = "relay-bootnode", value_name = "MULTIADDRESS")]
    pub relay_bootnodes: Vec<String>,

    /// A web page's origin that may connect, besides pages of this machine and https://polkadot.js.org; may be given again
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub origins: Vec<String>,

    /// Connections at the same time
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS, value_parser = connections)]
    pub max_connections: usize,
}

/// It has neither TLS nor accounts, so only who is on this machine may ask.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "not an address with a port, such as 127.0.0.1:9955".to_owned())?;
    if !address.ip().is_loopback() {
        return Err(
            "listens on this machine only (127.0.0.1 or [::1]): put a proxy with TLS in front for others"
                .into(),
        );
    }
    Ok(address)
}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=1_024).contains(&number) => Ok(number),
        _ => Err("a number from 1 to 1024".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    const LEAST: [&str; 5] = ["medrec-light", "--relay-chain", "r.json", "--parachain", "p.json"];

    #[test]
    fn arguments_should_be_consistent_when_help_is_written() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn arguments_should_listen_on_this_machine_when_nothing_is_said() {
        let arguments = Arguments::try_parse_from(LEAST).unwrap();
        assert_eq!(arguments.listen, "127.0.0.1:9955".parse().unwrap());
        assert_eq!(arguments.max_connections, CONNECTIONS);
    }

    #[test]
    fn arguments_should_be_refused_when_the_network_could_connect() {
        for address in ["0.0.0.0:9955", "10.0.0.1:9955", "[::]:9955", "localhost"] {
            let found = Arguments::try_parse_from([&LEAST[..], &["--listen", address]].concat());
            assert!(found.is_err(), "{address}");
        }
        assert!(Arguments::try_parse_from([&LEAST[..], &["--listen", "[::1]:1"]].concat()).is_ok());
    }

    #[test]
    fn arguments_should_be_refused_when_connections_have_no_bound() {
        for number in ["0", "1025", "many"] {
            assert!(Arguments::try_parse_from([&LEAST[..], &["--max-connections", number]].concat()).is_err());
        }
    }
}
