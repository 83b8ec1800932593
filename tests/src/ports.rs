//! Free ports.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, TcpListener},
    sync::Mutex,
};

use anyhow::{Context, Result};

/// What this process has handed out: the system may offer a port again before its user has bound it.
static HANDED_OUT: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A TCP port on loopback that nobody listens on, and that this process has not handed out before.
pub fn free_port() -> Result<u16> {
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
        let port = listener.local_addr()?.port();
        let mut taken = HANDED_OUT.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if taken.insert(port) {
            return Ok(port);
        }
    }
}

/// `wanted` if nobody listens on it, else any free port: for addresses that people like to find unchanged.
pub fn port_or_free(wanted: u16) -> Result<u16> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)) {
        Ok(_) => {
            HANDED_OUT.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(wanted);
            Ok(wanted)
        }
        Err(_) => free_port(),
    }
}
