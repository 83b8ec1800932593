//! Options and arguments that several commands share.

use core::{fmt, str::FromStr};

use clap::Args;
use medrec_primitives::{AccountId, GroupId, MemberId, Moment, Viewer};
use sp_core::crypto::Ss58Codec;
use zeroize::Zeroizing;

use crate::keys::KeyType;

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Address of a node of the chain
    #[arg(
        long,
        global = true,
        env = "MEDREC_NODE",
        value_name = "URL",
        default_value = "ws://127.0.0.1:9944"
    )]
    pub node: String,
    /// Talk to a node beyond this machine without encryption
    #[arg(long, global = true)]
    pub unencrypted: bool,
    /// Who acts: @FILE with a secret URI, or the secret URI itself (better by the environment than here)
    #[arg(long, global = true, env = "MEDREC_KEY", hide_env_values = true, value_name = "@FILE|SURI")]
    pub key: Option<KeySource>,
    /// Scheme of the key: sr25519, ed25519 or ecdsa
    #[arg(
        long = "type",
        global = true,
        env = "MEDREC_KEY_TYPE",
        value_name = "TYPE",
        default_value = "sr25519"
    )]
    pub key_type: KeyType,
    /// Which of the patient's keys beneath --key: 0 for the first relationship
    #[arg(long, global = true, value_name = "N")]
    pub number: Option<u32>,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Do not wait until a block is final
    #[arg(long, global = true)]
    pub in_block: bool,
}

/// Where the secret URI comes from.
#[derive(Clone)]
pub enum KeySource {
    /// A file that holds it.
    File(std::path::PathBuf),
    /// The text itself.
    Text(Zeroizing<String>),
}

impl FromStr for KeySource {
    type Err = core::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.strip_prefix('@') {
            Some(path) => Self::File(path.into()),
            None => Self::Text(Zeroizing::new(text.to_owned())),
        })
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "@{}", path.display()),
            Self::Text(_) => f.write_str("(secret)"),
        }
    }
}

/// An account as its SS58 address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(pub AccountId);

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Wallets show one key under many prefixes; the account is the same.
        let account = AccountId::from_ss58check_with_version(text).map(|(account, _)| account);
        account.map(Self).map_err(|_| "this is not an address; wallets show it as 48 letters and digits")
    }
}

/// Whom a rule is about: an address, `member:3` or `group:1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerArg(pub Viewer);

impl FromStr for ViewerArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WORDS: &str = "write an address, member:<number> for a member's staff, or group:<number>";
        let number = |digits: &str| digits.parse::<u32>().map_err(|_| WORDS);
        if let Some(digits) = text.strip_prefix("member:") {
            return number(digits).map(|member: MemberId| Self(Viewer::Member(member)));
        }
        if let Some(digits) = text.strip_prefix("group:") {
            return number(digits).map(|group: GroupId| Self(Viewer::Group(group)));
        }
        Address::from_str(text).map(|address| Self(Viewer::Key(address.0))).map_err(|_| WORDS)
    }
}

/// The text that [`ViewerArg`] reads.
pub fn viewer_text(viewer: &Viewer) -> String {
    match viewer {
        Viewer::Key(account) => account.to_ss58check(),
        Viewer::Member(member) => format!("member:{member}"),
        Viewer::Group(group) => format!("group:{group}"),
    }
}

/// A point in time: a date, a date with time, or a span from the chain's present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At this time (ms).
    At(Moment),
    /// This long after the chain's present.
    In(Span),
}

impl When {
    /// The time to the millisecond, if the chain's present is `now`.
    pub fn exact(self, now: Moment) -> Moment {
        match self {
            Self::At(moment) => moment,
            Self::In(span) => now.saturating_add(span.milliseconds()),
        }
    }

    /// The time, if the chain's present is `now`. One that is counted from now is rounded up to a full day, hour, ten minutes or minute, by
    /// the unit that it was written in: else the time of signing would show in it, to the millisecond and for as long as it stands.
    pub fn rounded(self, now: Moment) -> Moment {
        match self {
            Self::At(moment) => moment,
            Self::In(span) => {
                let step = span.unit.step();
                self.exact(now).div_ceil(step).saturating_mul(step)
            }
        }
    }
}

impl FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WORDS: &str = "write 2027-01-31, 2027-01-31T12:00:00Z, or +30d, +12h, +45m, +90s from now";
        if let Some(text) = text.strip_prefix('+') {
            return span(text).map(Self::In).ok_or(WORDS);
        }
        let time = match text.parse::<chrono::NaiveDate>() {
            Ok(date) => date.and_time(chrono::NaiveTime::MIN).and_utc(),
            Err(_) => chrono::DateTime::parse_from_rfc3339(text).map_err(|_| WORDS)?.to_utc(),
        };
        Moment::try_from(time.timestamp_millis()).map(Self::At).map_err(|_| WORDS)
    }
}

/// A span of time, in the unit in which it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    count: Moment,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Days,
    Hours,
    Minutes,
    Seconds,
}

impl Unit {
    /// How long it is (ms).
    fn length(self) -> Moment {
        1_000
            * match self {
                Self::Days => 24 * 60 * 60,
                Self::Hours => 60 * 60,
                Self::Minutes => 60,
                Self::Seconds => 1,
            }
    }

    /// What times in this unit are rounded to (ms).
    fn step(self) -> Moment {
        match self {
            Self::Days | Self::Hours => self.length(),
            Self::Minutes => 10 * self.length(),
            Self::Seconds => 60 * self.length(),
        }
    }
}

impl Span {
    /// How long it is (ms).
    pub fn milliseconds(self) -> Moment {
        self.count.saturating_mul(self.unit.length())
    }
}

/// The span of a text such as `30d`, `12h`, `45m`, `90s`.
pub fn span(text: &str) -> Option<Span> {
    let (at, _) = text.char_indices().next_back()?;
    let (count, unit) = text.split_at(at);
    let unit = match unit {
        "d" => Unit::Days,
        "h" => Unit::Hours,
        "m" => Unit::Minutes,
        "s" => Unit::Seconds,
        _ => return None,
    };
    let count: Moment = crate::text::number(count)?;
    count.checked_mul(unit.length()).map(|_| Span { count, unit })
}

/// 32 bytes as `0x` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes32(pub [u8; 32]);

impl FromStr for Bytes32 {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes)
            .map_err(|_| "write 0x and 64 hexadecimal digits")?;
        Ok(Self(bytes))
    }
}
