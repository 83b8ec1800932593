//! Looks for what must be nowhere: names, dates, codes and record numbers that were put into the hospitals' databases.
//!
//! [`Canaries::scan`] reads all that a run has left behind: every key and value of the chain's state, every block with its
//! events, the logs and the metrics of node and gatekeepers, the gatekeepers' audit logs. Each text is looked for as it is, as hexadecimal
//! digits, in base64 wherever it may begin, and, where it is a number or a date, as the bytes of a number and in the
//! ways in which dates are written.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
};

use anyhow::{bail, ensure, Context, Result};
use serde_json::{json, Value};
use sqlx::{
    sqlite::{SqliteConnectOptions, SqliteConnection},
    AssertSqlSafe, ConnectOptions, Connection, Row,
};

use crate::{gatekeeper::Gatekeeper, node::Node, process::run, scratch::Scratch, wire};

/// Smaller numbers of seconds, of dates in 1970, are mostly zeros as bytes, and so found wherever a block has a small number.
const LEAST_NUMBER: u64 = 1 << 24;

/// Nothing shorter is looked for: it would turn up by accident.
const SHORTEST: usize = 6;

/// Nothing shorter in base64, for the same reason.
const SHORTEST_BASE64: usize = 8;

/// Keys of the state that are asked for at once.
const PAGE: usize = 512;

/// Arguments by which a node keeps the state of every block, so that all events can be read afterwards.
pub const KEEP_STATES: [&str; 2] = ["--state-pruning", "archive"];

/// What is looked for, in all its disguises.
pub struct Canaries {
    /// By their first four bytes.
    needles: HashMap<[u8; 4], Vec<Needle>>,
    texts: usize,
}

struct Needle {
    bytes: Vec<u8>,
    /// What it is a disguise of.
    text: String,
}

/// How much was looked through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Keys of the state.
    pub keys: usize,
    /// Blocks, with their events.
    pub blocks: usize,
    /// Bytes of logs.
    pub log_bytes: usize,
    /// Lines of metrics.
    pub metrics: usize,
    /// Entries of audit logs.
    pub entries: usize,
}

impl Canaries {
    /// Looks for these texts.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let texts: BTreeSet<_> = texts.into_iter().filter(|text| text.len() >= SHORTEST).collect();
        let mut needles: HashMap<[u8; 4], Vec<Needle>> = HashMap::new();
        for text in &texts {
            for bytes in disguises(text) {
                if let Some(first) = bytes.first_chunk() {
                    needles.entry(*first).or_default().push(Needle { bytes, text: text.clone() });
                }
            }
        }
        Self { needles, texts: texts.len() }
    }

    /// How many texts are looked for.
    pub fn count(&self) -> usize {
        self.texts
    }

    /// The first text that these bytes show, if any.
    pub fn find(&self, bytes: &[u8]) -> Option<&str> {
        bytes.windows(4).enumerate().find_map(|(place, window)| {
            let first: [u8; 4] = window.try_into().ok()?;
            let at_place = self.needles.get(&first)?;
            let found = at_place.iter().find(|needle| bytes[place..].starts_with(&needle.bytes))?;
            Some(found.text.as_str())
        })
    }

    /// Fails if these bytes show anything; `place` says where they are from.
    pub fn not_in(&self, bytes: &[u8], place: impl FnOnce() -> String) -> Result<()> {
        match self.find(bytes) {
            Some(leak) => bail!("{leak:?} is in {}", place()),
            None => Ok(()),
        }
    }

    /// Looks through everything. The node must have been started with [`KEEP_STATES`] and a port for Prometheus, and it and the
    /// gatekeepers must be running.
    pub async fn scan(
        &self,
        node: &Node,
        scratch: &Scratch,
        gatekeepers: impl IntoIterator<Item = &Gatekeeper>,
    ) -> Result<Scanned> {
        ensure!(self.texts > 0, "nothing to look for");
        let mut scanned = Scanned {
            keys: self.scan_state(node).await?,
            blocks: self.scan_blocks(node).await?,
            log_bytes: self.scan_logs(&scratch.join("logs"))?,
            metrics: self
                .scan_metrics(&node.metrics_address().context("the node serves no metrics")?)
                .await?,
            entries: 0,
        };
        for gatekeeper in gatekeepers {
            scanned.metrics += self.scan_metrics(&gatekeeper.metrics_address()).await?;
            scanned.entries += self.scan_audit_log(gatekeeper).await?;
        }
        // A scan that finds nothing because it saw nothing is none.
        let Scanned { keys, blocks, log_bytes, .. } = scanned;
        ensure!(keys > 50 && blocks > 2 && log_bytes > 500, "too little was looked through: {scanned:?}");
        Ok(scanned)
    }

    /// Every key and value of the best block's state.
    async fn scan_state(&self, node: &Node) -> Result<usize> {
        let at = node.rpc("chain_getBlockHash", json!([])).await?;
        let mut last: Option<String> = None;
        let mut count = 0;
        loop {
            let page = node.rpc("state_getKeysPaged", json!(["0x", PAGE, last, at])).await?;
            let page: Vec<String> = serde_json::from_value(page)?;
            let Some(end) = page.last().cloned() else { return Ok(count) };
            let values = node.rpc("state_queryStorageAt", json!([page, at])).await?;
            let changes = values[0]["changes"].as_array().context("values of the state")?;
            ensure!(changes.len() == page.len(), "{} values of {} keys", changes.len(), page.len());
            for change in changes {
                let (key, value) = (text(&change[0])?, change[1].as_str().unwrap_or("0x"));
                self.not_in(&bytes(key)?, || format!("the key {key} of the state"))?;
                self.not_in(&bytes(value)?, || format!("what the state has at {key}"))?;
            }
            count += page.len();
            last = Some(end);
        }
    }

    /// Every block that led to the best one: transactions, digest, events.
    async fn scan_blocks(&self, node: &Node) -> Result<usize> {
        let events = ["System", "Events"].map(|word| sp_crypto_hashing::twox_128(word.as_bytes()));
        let events = format!("0x{}", hex::encode(events.concat()));
        let best = node.best_number().await?;
        for number in 0..=best {
            let hash = node.rpc("chain_getBlockHash", json!([number])).await?;
            let block = node.rpc("chain_getBlock", json!([hash])).await?;
            let transactions = block["block"]["extrinsics"].as_array().context("a block's transactions")?;
            let digest = block["block"]["header"]["digest"]["logs"].as_array().context("a block's digest")?;
            for part in transactions.iter().chain(digest) {
                self.not_in(&bytes(text(part)?)?, || format!("block {number}: {part}"))?;
            }
            // An error here means that the state is gone, and then the scan has not seen all events.
            let happened = node.rpc("state_getStorage", json!([events, hash])).await?;
            let happened = happened.as_str().unwrap_or("0x");
            self.not_in(&bytes(happened)?, || format!("the events of block {number}: {happened}"))?;
        }
        Ok(usize::try_from(best)? + 1)
    }

    /// Everything that node and gatekeepers have written to their standard outputs.
    fn scan_logs(&self, folder: &Path) -> Result<usize> {
        let mut length = 0;
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            let log = fs::read(&path)?;
            for line in log.split(|byte| *byte == b'\n') {
                self.not_in(line, || format!("{}: {}", path.display(), String::from_utf8_lossy(line)))?;
            }
            length += log.len();
        }
        Ok(length)
    }

    /// The numbers that are served for Prometheus here: names, labels and values.
    async fn scan_metrics(&self, address: &str) -> Result<usize> {
        let answer = wire::get(address, "/metrics").await?;
        ensure!(answer.status == 200, "metrics at {address}: {}", answer.status);
        let text = answer.text();
        let count = text.lines().filter(|line| !line.starts_with('#')).count();
        ensure!(count > 10, "too few metrics at {address}: {text}");
        for line in text.lines() {
            self.not_in(line.as_bytes(), || format!("the metrics at {address}: {line}"))?;
        }
        Ok(count)
    }

    /// A gatekeeper's audit log. Other tables of its store keep record numbers, which is what they are for.
    async fn scan_audit_log(&self, gatekeeper: &Gatekeeper) -> Result<usize> {
        let path = gatekeeper.folder().join("gatekeeper.sqlite");
        let mut store = open(&path).await?;
        let rows =
            sqlx::query("SELECT number, relationship, entry, previous, hash FROM log").fetch_all(&mut store);
        let rows = rows.await?;
        for row in &rows {
            let number: i64 = row.try_get(0)?;
            let relationship: Option<String> = row.try_get(1)?;
            let entry: String = row.try_get(2)?;
            for part in [relationship.unwrap_or_default().as_bytes(), entry.as_bytes()] {
                self.not_in(part, || format!("entry {number} of {}: {entry}", path.display()))?;
            }
            for column in [3, 4] {
                let hash: Vec<u8> = row.try_get(column)?;
                self.not_in(&hash, || format!("a hash of entry {number} of {}", path.display()))?;
            }
        }
        store.close().await?;
        // What the entries say is sealed there.
        let opened = run(&mut gatekeeper.command(&["audit", "show"])?)?;
        for line in opened.lines() {
            self.not_in(line.as_bytes(), || format!("{}: {line}", path.display()))?;
        }
        ensure!(opened.lines().count() >= rows.len(), "{} entries cannot be opened", rows.len());
        Ok(rows.len())
    }
}

/// What a hospital's database says in these columns (`table.column`), each value a canary.
pub async fn of_columns(database: &Path, columns: &[&str]) -> Result<Vec<String>> {
    let mut database = open(database).await?;
    let mut texts = Vec::new();
    for name in columns {
        let (table, column) = name.split_once('.').with_context(|| format!("{name} names no column"))?;
        let sql = format!("SELECT DISTINCT CAST({column} AS TEXT) FROM {table} WHERE {column} IS NOT NULL");
        texts.extend(sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_all(&mut database).await?);
    }
    database.close().await?;
    Ok(texts)
}

async fn open(path: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    options.connect().await.with_context(|| format!("cannot open {}", path.display()))
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("not a text: {value}"))
}

fn bytes(digits: &str) -> Result<Vec<u8>> {
    Ok(hex::decode(digits.trim_start_matches("0x"))?)
}

/// Everything that a text may look like.
fn disguises(text: &str) -> BTreeSet<Vec<u8>> {
    let mut plain: BTreeSet<Vec<u8>> = [text.as_bytes().to_vec()].into();
    if let Some(moment) = Moment::of(text) {
        plain.extend(moment.written());
        for number in [moment.seconds, moment.seconds * 1_000] {
            if number.unsigned_abs() < LEAST_NUMBER {
                continue;
            }
            plain.extend([number.to_le_bytes().to_vec(), number.to_be_bytes().to_vec()]);
        }
    }
    // A record number by its digits alone, unless these are too few to mean anything.
    let digits = text.trim_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
    if let (true, Ok(number)) = (digits.len() >= SHORTEST, digits.parse::<u64>()) {
        plain.extend([number.to_le_bytes().to_vec(), number.to_be_bytes().to_vec()]);
    }
    let mut all = plain.clone();
    for bytes in &plain {
        all.insert(hex::encode(bytes).into_bytes());
        all.insert(hex::encode_upper(bytes).into_bytes());
        all.extend(in_base64(bytes).into_iter().filter(|needle| needle.len() >= SHORTEST_BASE64));
    }
    all
}

/// The characters that are certain, for each of the three places in a group of three bytes where it may begin, in both
/// alphabets.
fn in_base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut all = Vec::new();
    for shift in 0..3 {
        // Bits before the first whole character belong in part to whatever stands before.
        let skipped = (6 - shift * 8 % 6) % 6;
        let bits: Vec<bool> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
        let sextets = bits[skipped.min(bits.len())..].chunks_exact(6);
        let sextets: Vec<usize> =
            sextets.map(|six| six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit))).collect();
        for alphabet in [STANDARD, URL] {
            all.push(sextets.iter().map(|sextet| alphabet[*sextet]).collect());
        }
    }
    all
}

/// A date, or a date with a time of day.
struct Moment {
    year: i64,
    month: i64,
    day: i64,
    /// Since 1970.
    seconds: i64,
}

impl Moment {
    /// `1944-11-17`, `17.11.1944`, or `2024-02-11T11:21:31`; offsets from UTC are not read.
    fn of(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let numbers = |text: &str, by: char| -> Option<[i64; 3]> {
            let parts: Result<Vec<i64>, _> = text.split(by).map(str::parse).collect();
            parts.ok()?.try_into().ok()
        };
        let [year, month, day] = match numbers(date, '-') {
            Some(found) => found,
            None => {
                let [day, month, year] = numbers(date, '.')?;
                [year, month, day]
            }
        };
        if !((1_800..2_200).contains(&year) && (1..=12).contains(&month) && (0..=31).contains(&day)) {
            return None;
        }
        let of_day = match time {
            Some(time) => {
                let [hours, minutes, seconds] = numbers(time, ':')?;
                (hours * 60 + minutes) * 60 + seconds
            }
            None => 0,
        };
        // Days since 1970, with the year beginning in March (Howard Hinnant's algorithm).
        let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
        let days =
            era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 + day - 1 - 719_468;
        Some(Self { year, month, day, seconds: days * 86_400 + of_day })
    }

    /// Its date as people and programs write it.
    fn written(&self) -> Vec<Vec<u8>> {
        let Self { year, month, day, .. } = self;
        [
            format!("{year:04}-{month:02}-{day:02}"),
            format!("{year:04}{month:02}{day:02}"),
            format!("{day:02}.{month:02}.{year:04}"),
            format!("{day:02}/{month:02}/{year:04}"),
            format!("{month:02}/{day:02}/{year:04}"),
        ]
        .into_iter()
        .map(String::into_bytes)
        .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn canaries() -> Canaries {
        Canaries::new(["Quillfeather".to_owned(), "1944-11-17".to_owned(), "RG-100107".to_owned()])
    }

    fn found(haystack: impl AsRef<[u8]>) -> Option<String> {
        let padded = [b"\x00\xffabc".as_slice(), haystack.as_ref(), b"\x00xyz"].concat();
        canaries().find(&padded).map(str::to_owned)
    }

    #[test]
    fn text_should_be_found_when_disguised() {
        let name = Some("Quillfeather".to_owned());
        assert_eq!(found("Quillfeather"), name);
        assert_eq!(found(hex::encode("Quillfeather")), name);
        assert_eq!(found(hex::encode_upper("Quillfeather")), name);
        // `base64` of Quillfeather, of xQuillfeather, of xxQuillfeather.
        for encoded in ["UXVpbGxmZWF0aGVy", "eFF1aWxsZmVhdGhlcg==", "eHhRdWlsbGZlYXRoZXI="] {
            assert_eq!(found(encoded), name, "{encoded}");
        }
    }

    #[test]
    fn date_should_be_found_when_written_otherwise() {
        let date = Some("1944-11-17".to_owned());
        for written in ["1944-11-17", "19441117", "17.11.1944", "11/17/1944"] {
            assert_eq!(found(written), date, "{written}");
        }
        // `date -u -d 1944-11-17 +%s`.
        let seconds: i64 = -792_806_400;
        assert_eq!(found(seconds.to_le_bytes()), date);
        assert_eq!(found((seconds * 1_000).to_be_bytes()), date);
        assert_eq!(Moment::of("2024-02-11T11:21:31").unwrap().seconds, 1_707_650_491);
        assert_eq!(Moment::of("17.11.1944").unwrap().seconds, seconds);
    }

    #[test]
    fn record_number_should_be_found_when_it_is_a_number() {
        let number = Some("RG-100107".to_owned());
        assert_eq!(found("RG-100107"), number);
        assert_eq!(found(100_107u64.to_le_bytes()), number);
        assert_eq!(found(100_107u64.to_be_bytes()), number);
    }

    #[test]
    fn nothing_should_be_found_when_there_is_nothing() {
        assert_eq!(found("Quillfeathe"), None);
        assert_eq!(found("1944-11-18"), None);
        assert_eq!(found(100_108u64.to_le_bytes()), None);
        assert_eq!(found([]), None);
        assert_eq!(Canaries::new(["short".to_owned()]).count(), 0, "too short to tell anything");
    }

    #[test]
    fn not_in_should_fail_and_say_where_when_something_is_found() {
        let error = canaries().not_in(b"Dear Mrs Quillfeather", || "a letter".to_owned()).unwrap_err();
        assert_eq!(error.to_string(), "\"Quillfeather\" is in a letter");
    }
}
