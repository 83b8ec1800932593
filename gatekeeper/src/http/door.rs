//! Where connections come in: TCP, with TLS on top if there is a certificate.
//!
//! Handshakes run beside each other, so that nobody who is slow keeps others out. A new certificate counts for connections that
//! come after it.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::serve::Listener;
use rustls::{
    client::{danger::ServerCertVerifier, WebPkiServerVerifier},
    pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer, ServerName, UnixTime},
    RootCertStore, ServerConfig,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_rustls::{server::TlsStream, TlsAcceptor};
use zeroize::Zeroizing;

use crate::{config, keys, limits::AtOnce};

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Handshakes under way, and finished ones that nobody has taken yet, at most.
const HANDSHAKES: usize = 1024;

/// Handshakes under way from one address, at most: more are hung up on. A proxy's are everybody's.
const HANDSHAKES_PER_ADDRESS: usize = 64;

/// After a connection cannot be accepted, for want of file descriptors say.
const PAUSE: Duration = Duration::from_millis(100);

/// Why a certificate cannot be used. Never quotes the key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate's file cannot be read.
    #[error("tls.certificate: {0}: {1}")]
    Certificate(std::path::PathBuf, rustls::pki_types::pem::Error),
    /// The key's file cannot be read.
    #[error("tls.key: {0}")]
    Key(#[from] keys::KeyFileError),
    /// The key's file holds no key.
    #[error("tls.key: {0} holds no private key in PEM")]
    NoKey(std::path::PathBuf),
    /// They do not belong together, or are of a kind that is not supported.
    #[error("tls: the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The certificate in use, which can be replaced while connections come in.
#[derive(Debug)]
pub struct Tls {
    files: config::Tls,
    now: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the certificate and its key.
    pub fn load(files: config::Tls) -> Result<Self, TlsError> {
        let now = RwLock::new(Arc::new(read(&files)?));
        Ok(Self { files, now })
    }

    /// Reads them again. If they cannot be used, those in use stay.
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = Arc::new(read(&self.files)?);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    fn acceptor(&self) -> TlsAcceptor {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone().into()
    }
}

/// What a client that trusts whoever signed it says against the certificate: it is another host's, has expired, or is not of a kind for
/// servers.
pub fn objection(files: &config::Tls, host: &str, at: UnixTime) -> Result<Option<rustls::Error>, TlsError> {
    let chain = chain(files)?;
    let [own, between @ ..] = chain.as_slice() else { return Ok(None) };
    let mut trusted = RootCertStore::empty();
    trusted.add(between.last().unwrap_or(own).clone())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = WebPkiServerVerifier::builder_with_provider(Arc::new(trusted), provider);
    let client = client.build().map_err(|error| rustls::Error::General(error.to_string()))?;
    let name = ServerName::try_from(host.trim_matches(['[', ']']))
        .map_err(|_| rustls::Error::General("the host is no name".into()))?;
    Ok(client.verify_server_cert(own, between, &name, &[], at).err())
}

fn chain(files: &config::Tls) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |error| TlsError::Certificate(files.certificate.clone(), error);
    CertificateDer::pem_file_iter(&files.certificate)
        .and_then(|certificates| certificates.collect())
        .map_err(unreadable)
}

fn read(files: &config::Tls) -> Result<ServerConfig, TlsError> {
    let chain = chain(files)?;
    let text: Zeroizing<String> = keys::tls_key(&files.key)?;
    let key =
        PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| TlsError::NoKey(files.key.clone()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Gives out connections, with TLS on top of them.
pub(super) struct TlsDoor {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    accepting: JoinHandle<()>,
}

impl TlsDoor {
    /// Takes connections from here on; `proxied` if they come through a proxy.
    pub(super) fn open(listener: TcpListener, tls: Arc<Tls>, proxied: bool) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (done, ready) = mpsc::channel(HANDSHAKES);
        let each = if proxied { HANDSHAKES } else { HANDSHAKES_PER_ADDRESS };
        let accepting = tokio::spawn(accept(listener, tls, AtOnce::new(HANDSHAKES, each), done));
        Ok(Self { address, ready, accepting })
    }
}

impl Drop for TlsDoor {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: TcpListener,
    tls: Arc<Tls>,
    under_way: Arc<AtOnce>,
    done: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    loop {
        // Fails only once nobody takes connections any more.
        let Ok(place) = done.clone().reserve_owned().await else { return };
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let Some(handshake) = under_way.hold(address.ip()) else { continue };
        let acceptor = tls.acceptor();
        tokio::spawn(async move {
            let _handshake = handshake;
            // Whoever does not speak TLS, or is too slow, is not heard.
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                place.send((stream, address));
            }
        });
    }
}

impl Listener for TlsDoor {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task that accepts lives as long as this.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{os::unix::fs::PermissionsExt, path::Path, process::Command};

    use axum::{extract::ConnectInfo, routing::get, Router};
    use rustls::ClientConfig;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::http::serving::{
        self,
        tests::{heard, HEAD},
    };

    /// A self-signed certificate for localhost, as `openssl` makes it.
    fn certificate(folder: &Path) -> config::Tls {
        let files = config::Tls { certificate: folder.join("tls.pem"), key: folder.join("tls.key") };
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&files.key)
            .arg("-out")
            .arg(&files.certificate)
            .output()
            .expect("openssl is missing: run scripts/setup");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        std::fs::set_permissions(&files.key, std::fs::Permissions::from_mode(0o600)).unwrap();
        files
    }

    /// A client that trusts only this certificate.
    async fn connect(
        address: SocketAddr,
        trusted: &Path,
    ) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(trusted).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(client)).connect(name, stream).await
    }

    /// What such a client reads.
    async fn ask(address: SocketAddr, trusted: &Path) -> io::Result<String> {
        let mut stream = connect(address, trusted).await?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    async fn serve(tls: Arc<Tls>, proxied: bool) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let door = TlsDoor::open(listener, tls, proxied).unwrap();
        let routes = get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() });
        let router = Router::new().route("/", routes);
        tokio::spawn(serving::serve(door, router, HEAD, AtOnce::new(1_000, 1_000), std::future::pending()));
        address
    }

    #[tokio::test]
    async fn door_should_speak_tls_and_tell_the_peer_when_there_is_a_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let files = certificate(folder.path());
        let address = serve(Arc::new(Tls::load(files.clone()).unwrap()), false).await;
        // Somebody who never finishes a handshake keeps nobody out.
        let _silent = TcpStream::connect(address).await.unwrap();
        let answer = ask(address, &files.certificate).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("127.0.0.1"), "{answer}");
    }

    #[tokio::test]
    async fn door_should_hang_up_when_the_head_of_a_request_does_not_come() {
        let folder = tempfile::tempdir().unwrap();
        let files = certificate(folder.path());
        let address = serve(Arc::new(Tls::load(files.clone()).unwrap()), false).await;
        let took = heard(connect(address, &files.certificate).await.unwrap()).await;
        assert!(took < 10 * HEAD, "{took:?}");
    }

    #[tokio::test]
    async fn door_should_hang_up_on_an_address_that_begins_too_many_handshakes() {
        let folder = tempfile::tempdir().unwrap();
        let files = certificate(folder.path());
        let address = serve(Arc::new(Tls::load(files.clone()).unwrap()), false).await;
        let mut silent = Vec::new();
        for _ in 0..HANDSHAKES_PER_ADDRESS {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        assert!(ask(address, &files.certificate).await.is_err());
        drop(silent);
        for _ in 0..50 {
            if ask(address, &files.certificate).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the address is kept out");
    }

    #[tokio::test]
    async fn door_should_take_as_many_handshakes_as_there_are_when_they_are_a_proxys() {
        let folder = tempfile::tempdir().unwrap();
        let files = certificate(folder.path());
        let address = serve(Arc::new(Tls::load(files.clone()).unwrap()), true).await;
        let mut silent = Vec::new();
        for _ in 0..=HANDSHAKES_PER_ADDRESS {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        assert!(ask(address, &files.certificate).await.unwrap().starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn door_should_use_the_new_certificate_when_it_is_reloaded() {
        let folder = tempfile::tempdir().unwrap();
        let files = certificate(folder.path());
        let old = folder.path().join("old.pem");
        std::fs::copy(&files.certificate, &old).unwrap();
        let tls = Arc::new(Tls::load(files.clone()).unwrap());
        let address = serve(tls.clone(), false).await;
        ask(address, &old).await.unwrap();
        certificate(folder.path());
        ask(address, &old).await.unwrap();
        tls.reload().unwrap();
        assert!(ask(address, &old).await.is_err());
        ask(address, &files.certificate).await.unwrap();
        // What cannot be used replaces nothing.
        std::fs::write(&files.certificate, "no certificate").unwrap();
        assert!(tls.reload().is_err());
        assert!(ask(address, &old).await.is_err());
    }

    #[test]
    fn certificate_should_be_objected_to_when_it_is_of_another_host_or_time() {
        let folder = tempfile::tempdir().unwrap();
        let files = certificate(folder.path());
        let in_days = |days: u64| {
            let now = UnixTime::now().as_secs();
            UnixTime::since_unix_epoch(Duration::from_secs(now + days * 86_400))
        };
        let objection =
            |host, days| objection(&files, host, in_days(days)).unwrap().map(|error| error.to_string());
        assert_eq!(objection("localhost", 0), None);
        assert!(objection("gate.example.org", 0).is_some_and(|error| error.contains("not valid for name")));
        assert!(objection("127.0.0.1", 0).is_some());
        assert!(objection("localhost", 3).is_some_and(|error| error.contains("expired")));
    }

    #[test]
    fn certificate_should_be_refused_when_others_may_read_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let files = certificate(folder.path());
        std::fs::set_permissions(&files.key, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Tls::load(files), Err(TlsError::Key(keys::KeyFileError::Open { .. }))));
    }
}
