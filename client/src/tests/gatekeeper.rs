//! The client against a gatekeeper that is a few lines of plain sockets: what it must not believe.

use medrec_policy::purpose::Purpose;
use medrec_primitives::RelationshipId;
use sp_core::crypto::Ss58Codec;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    answer::{Answer, AnswerError, DATE_HEADER, SIGNATURE_HEADER},
    enrol::{Ticket, TicketSecret},
    gatekeeper::{Access, Gatekeeper, GatekeeperError},
    messages::{Challenge, ChallengeRequest, SessionRequest},
    request::{Authorization, Request},
    signature::verify_hex,
    signin::{chain_of, domain_of, SignIn},
    tests::{account, alice, bob, ALICE, BOB, GENESIS},
    KeyPair,
};

/// A request as it came: method, target, header `Authorization`, body.
struct Came {
    method: String,
    target: String,
    authorization: String,
    body: String,
}

/// Answers every request on a free port with what `answer` makes of it: status line, headers, body.
async fn serve(answer: impl Fn(&Came, &str) -> (u16, String, String) + Send + 'static) -> Gatekeeper {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let gatekeeper = Gatekeeper::new(&format!("{url}/"), GENESIS, 3, account(ALICE)).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(came) = read(&mut stream).await else { continue };
            let (status, headers, body) = answer(&came, &url);
            let text = format!(
                "HTTP/1.1 {status} x\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(text.as_bytes()).await;
        }
    });
    gatekeeper
}

async fn read(stream: &mut TcpStream) -> Option<Came> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let header = |name: &str| {
            head.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(|value| value.trim().to_owned())
                .unwrap_or_default()
        };
        if body.len() < header("content-length:").parse().unwrap_or(0) {
            continue;
        }
        let mut line = head.lines().next()?.split(' ');
        return Some(Came {
            method: line.next()?.into(),
            target: line.next()?.into(),
            authorization: header("authorization:"),
            body: body.into(),
        });
    }
}

/// An answer of 200 with `body`, signed by `key` as if it were `signed`.
fn signed(key: &KeyPair, target: &str, body: &str, signed: &str) -> (u16, String, String) {
    let asker = account(BOB);
    let answer = Answer {
        genesis: GENESIS,
        member: 3,
        target,
        asker: &asker,
        status: 200,
        body: signed.as_bytes(),
        date: 1_795_359_845_000,
    };
    let signature = answer.sign(key);
    (200, format!("{SIGNATURE_HEADER}: {signature}\r\n{DATE_HEADER}: {}\r\n", answer.date), body.into())
}

async fn search(gatekeeper: &Gatekeeper) -> Result<serde_json::Value, GatekeeperError> {
    let (key, parameters) = (bob(), [("code".to_owned(), "http://loinc.org|1-8".to_owned())]);
    let access = Access::Signed { key: &key, purpose: Purpose::Treatment };
    gatekeeper.search(&access, "Observation", RelationshipId::new(3, 17), &parameters).await?.json()
}

#[tokio::test]
async fn answer_should_be_believed_when_the_gatekeeper_signed_it() {
    let gatekeeper = serve(|came, url| {
        assert_eq!(came.method, "GET");
        assert_eq!(came.target, "/fhir/Observation?patient=r3-17&code=http%3A%2F%2Floinc.org%7C1-8");
        let authorization = Authorization::parse(&came.authorization).unwrap();
        let request =
            Request { method: "GET", target: &came.target, body: b"", audience: url, genesis: GENESIS };
        assert_eq!(authorization.verify(&request), Ok(()));
        assert_eq!(authorization.account, account(BOB));
        signed(&alice(), &came.target, "{}", "{}")
    })
    .await;
    assert_eq!(search(&gatekeeper).await.unwrap(), serde_json::json!({}));
}

#[tokio::test]
async fn answer_should_not_be_believed_when_altered_or_signed_by_another() {
    let altered = serve(|came, _| signed(&alice(), &came.target, "{ }", "{}")).await;
    assert!(matches!(search(&altered).await, Err(GatekeeperError::Answer(AnswerError::Signature(_)))));
    let other_key = serve(|came, _| signed(&bob(), &came.target, "{}", "{}")).await;
    assert!(matches!(search(&other_key).await, Err(GatekeeperError::Answer(AnswerError::OtherKey))));
    let other_target = serve(|_, _| signed(&alice(), "/fhir/Observation?patient=r3-18", "{}", "{}")).await;
    assert!(matches!(search(&other_target).await, Err(GatekeeperError::Answer(AnswerError::Signature(_)))));
    let unsigned = serve(|_, _| (200, String::new(), "{}".into())).await;
    assert!(matches!(search(&unsigned).await, Err(GatekeeperError::Answer(AnswerError::Malformed))));
}

#[tokio::test]
async fn refusal_should_be_told_when_the_gatekeeper_says_no() {
    let outcome =
        r#"{"resourceType":"OperationOutcome","issue":[{"details":{"text":"not \u001b[31mpermitted"}}]}"#;
    let gatekeeper = serve(move |_, _| (403, String::new(), outcome.into())).await;
    match search(&gatekeeper).await {
        Err(GatekeeperError::Refused { status: 403, message, retry_after: None }) => {
            assert_eq!(message, "not  [31mpermitted");
        }
        other => panic!("{other:?}"),
    }
    let busy = serve(|_, _| (503, "retry-after: 7\r\n".into(), String::new())).await;
    assert!(matches!(
        search(&busy).await,
        Err(GatekeeperError::Refused { status: 503, retry_after: Some(7), .. })
    ));
}

#[tokio::test]
async fn redirect_should_not_be_followed_when_a_gatekeeper_sends_one() {
    let gatekeeper = serve(|_, _| (307, "location: http://127.0.0.1:1/\r\n".into(), String::new())).await;
    assert!(matches!(search(&gatekeeper).await, Err(GatekeeperError::Refused { status: 307, .. })));
}

fn challenge(came: &Came, url: &str, change: impl FnOnce(&mut SignIn)) -> (u16, String, String) {
    let asked: ChallengeRequest = serde_json::from_str(&came.body).unwrap();
    let mut sign_in = SignIn {
        domain: domain_of(url).unwrap().into(),
        account: account(&asked.account),
        statement: "Read what you were permitted to read.".into(),
        uri: url.into(),
        chain: chain_of(GENESIS),
        nonce: "0123456789abcdef".into(),
        issued_at: 1_795_359_845_000,
        expires_at: 1_795_360_145_000,
        purpose: asked.purpose.parse().unwrap(),
        patient: asked.patient.map(|patient| patient.parse().unwrap()),
    };
    change(&mut sign_in);
    let challenge = Challenge { message: sign_in.to_string(), expires: sign_in.expires_at };
    (200, String::new(), serde_json::to_string(&challenge).unwrap())
}

#[tokio::test]
async fn session_should_open_when_the_challenge_is_what_was_asked_for() {
    let gatekeeper = serve(|came, url| match came.target.as_str() {
        "/auth/challenge" => challenge(came, url, |_| ()),
        "/auth/session" => {
            let answer: SessionRequest = serde_json::from_str(&came.body).unwrap();
            let message = answer.message.as_bytes();
            assert_eq!(verify_hex(&account(BOB), answer.key_type, message, &answer.signature), Ok(()));
            (200, String::new(), r#"{"token":"t0ken","expires":5}"#.into())
        }
        target => {
            assert_eq!(came.authorization, "Bearer t0ken");
            signed(&alice(), target, "{}", "{}")
        }
    })
    .await;
    let open =
        gatekeeper.sign_in(&bob(), Purpose::Treatment, Some(RelationshipId::new(3, 17))).await.unwrap();
    assert_eq!((open.account.to_ss58check().as_str(), open.session.expires), (BOB, 5));
    gatekeeper.read(&Access::Session(&open), "Patient", "r3-17").await.unwrap();
}

#[tokio::test]
async fn nothing_should_be_signed_when_the_challenge_is_for_something_else() {
    type Change = fn(&mut SignIn);
    let changes: [Change; 6] = [
        |s| s.domain = "evil.example".into(),
        |s| s.uri = "https://evil.example".into(),
        |s| s.chain = [0x12; 16],
        |s| s.account = account(ALICE),
        |s| s.purpose = Purpose::Payment,
        |s| s.patient = None,
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let gatekeeper = serve(move |came, url| {
            assert_eq!(came.target, "/auth/challenge", "a signature was sent");
            challenge(came, url, change)
        })
        .await;
        let refused = gatekeeper.sign_in(&bob(), Purpose::Treatment, Some(RelationshipId::new(3, 17))).await;
        assert!(
            matches!(refused, Err(GatekeeperError::Challenge(_) | GatekeeperError::OtherChallenge)),
            "{n}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn ticket_should_not_be_sent_when_for_another_provider_or_chain() {
    let gatekeeper = serve(|_, _| panic!("the ticket was sent")).await;
    let ticket = Ticket {
        gatekeeper: gatekeeper.url().into(),
        genesis: GENESIS,
        member: 4,
        secret: TicketSecret::generate(),
    };
    assert!(matches!(gatekeeper.enrol(&bob(), &ticket).await, Err(GatekeeperError::OtherTicket)));
}

#[test]
fn gatekeeper_should_be_refused_when_neither_encrypted_nor_local() {
    for url in ["http://hillcrest.example", "ftp://127.0.0.1", "not an address", ""] {
        let refused = Gatekeeper::new(url, GENESIS, 3, account(ALICE));
        assert!(matches!(refused, Err(GatekeeperError::Unreachable { .. })), "{url}");
    }
    Gatekeeper::new("https://hillcrest.example/medrec/", GENESIS, 3, account(ALICE)).unwrap();
}
