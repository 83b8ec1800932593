#![allow(clippy::unwrap_used)]
use super::*;
use crate::{clock::ManualTime, store::tests::temporary};

const NOW: Moment = 1_800_000_000_000;
const DAY: Moment = 24 * 3_600_000;

struct Fixture {
    links: ShareLinks,
    time: Arc<ManualTime>,
    store: Store,
    _folder: tempfile::TempDir,
}

async fn fixture() -> Fixture {
    let (store, folder) = temporary().await;
    let time = Arc::new(ManualTime::new(NOW));
    let links = with_key(1, &store, &time);
    Fixture { links, time, store, _folder: folder }
}

fn with_key(byte: u8, store: &Store, time: &Arc<ManualTime>) -> ShareLinks {
    let url = "https://hillcrest.example".to_owned();
    ShareLinks::new(Zeroizing::new([byte; 32]), url, store.clone(), time.clone())
}

fn wish(passcode: Option<&str>) -> Wish {
    Wish {
        relationship: RelationshipId::new(0, 3),
        purpose: Purpose::Treatment,
        expires: NOW + DAY,
        passcode: passcode.map(|code| Zeroizing::new(code.to_owned())),
        label: None,
        direct: false,
    }
}

fn token(link: &NewLink) -> String {
    link.payload.url.strip_prefix("https://hillcrest.example/shl/").unwrap().to_owned()
}

#[tokio::test]
async fn link_should_be_held_until_it_expires_or_ends() {
    let fixture = fixture().await;
    let link = fixture.links.make(&wish(None)).await.unwrap();
    let held = fixture.links.held(&token(&link), None).await.unwrap();
    assert_eq!((held.stored.account.clone(), &*held.stored.relationship), (link.account.clone(), "r0-3"));
    let sealed = medrec_client::share_link::seal(&held.key, b"{}").unwrap();
    assert_eq!(link.payload.open(&sealed).unwrap(), b"{}", "the key in the link opens the files");
    assert_eq!(link.payload.flag.as_deref(), Some("L"));
    let other = fixture.links.make(&wish(None)).await.unwrap();
    assert_ne!(other.account, link.account);
    assert!(fixture.links.end(RelationshipId::new(0, 3), &other.account).await.unwrap());
    assert!(matches!(fixture.links.held(&token(&other), None).await, Err(HeldError::Gone)));
    fixture.time.advance(DAY);
    assert!(matches!(fixture.links.held(&token(&link), None).await, Err(HeldError::Gone)));
    fixture.links.prune().await.unwrap();
    assert!(fixture.links.list(RelationshipId::new(0, 3)).await.unwrap().is_empty());
}

#[tokio::test]
async fn link_should_lead_nowhere_when_altered_or_another_gatekeepers() {
    let fixture = fixture().await;
    let link = fixture.links.make(&wish(None)).await.unwrap();
    let token = token(&link);
    for other in ["", "AAAA", &token[1..], &format!("{token}="), &format!("{token}A"), &"A".repeat(43)] {
        assert!(matches!(fixture.links.held(other, None).await, Err(HeldError::Gone)), "{other}");
    }
    // With the store, but without its secrets, nothing opens.
    let thief = with_key(2, &fixture.store, &fixture.time);
    let held = thief.held(&token, None).await.unwrap();
    let sealed = medrec_client::share_link::seal(&held.key, b"{}").unwrap();
    assert!(link.payload.open(&sealed).is_err());
}

#[tokio::test]
async fn passcode_should_be_told_and_its_tries_run_out_for_good() {
    let fixture = fixture().await;
    let link = fixture.links.make(&wish(Some("4711"))).await.unwrap();
    let token = token(&link);
    assert_eq!(link.payload.flag.as_deref(), Some("LP"));
    let tried = |code: Option<&'static str>| fixture.links.held(&token, code);
    assert!(matches!(tried(None).await, Err(HeldError::Passcode(PASSCODE_TRIES))));
    for _ in 0..2 * PASSCODE_TRIES {
        assert!(tried(Some("4711")).await.is_ok(), "what is right counts as no try");
    }
    for left in (0..PASSCODE_TRIES).rev() {
        match tried(Some("4712")).await {
            Err(HeldError::Passcode(told)) => assert_eq!(told, left),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(tried(Some("4711")).await, Err(HeldError::Gone)), "right, but too late");
    assert!(matches!(tried(None).await, Err(HeldError::Gone)));
}

#[tokio::test]
async fn file_should_have_an_address_for_some_minutes_and_one_recipient() {
    let fixture = fixture().await;
    let link = fixture.links.make(&wish(Some("4711"))).await.unwrap();
    let token = token(&link);
    let address = fixture.links.file_address(&token, "Dr Ng").unwrap();
    let file = address.strip_prefix(&format!("{}/files/", link.payload.url)).unwrap().to_owned();
    let (held, recipient) = fixture.links.held_file(&token, &file).await.unwrap();
    assert_eq!((held.stored.account, recipient.as_str()), (link.account.clone(), "Dr Ng"));
    let other = fixture.links.make(&wish(None)).await.unwrap();
    let foreign = super::tests::token(&other);
    assert!(fixture.links.held_file(&foreign, &file).await.is_err());
    let mut parts: Vec<&str> = file.split('.').collect();
    let later = (NOW + 2 * FILE_LIFE).to_string();
    parts[0] = &later;
    for altered in [parts.join("."), file.replace('.', ""), format!("{file}.x"), String::new()] {
        assert!(fixture.links.held_file(&token, &altered).await.is_err(), "{altered}");
    }
    fixture.time.advance(FILE_LIFE);
    assert!(fixture.links.held_file(&token, &file).await.is_err());
}

#[tokio::test]
async fn link_should_not_be_made_when_the_wish_is_out_of_bounds() {
    let fixture = fixture().await;
    for expires in [0, NOW, NOW + LONGEST + 1] {
        let made = fixture.links.make(&Wish { expires, ..wish(None) }).await;
        assert!(matches!(made, Err(WishError::Expiry)));
    }
    for code in ["", "123", &"1".repeat(65)] {
        assert!(matches!(fixture.links.make(&wish(Some(code))).await, Err(WishError::Passcode)));
    }
    for label in ["a".repeat(81), "a\nb".to_owned()] {
        let made = fixture.links.make(&Wish { label: Some(label), ..wish(None) }).await;
        assert!(matches!(made, Err(WishError::Label)));
    }
    for _ in 0..MOST {
        fixture.links.make(&wish(None)).await.unwrap();
    }
    assert!(matches!(fixture.links.make(&wish(None)).await, Err(WishError::TooMany)));
}
