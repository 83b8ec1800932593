//! Places in the queue, named so that an account learns nothing of what others are told.
//!
//! A plain number would count what is hidden. So a name is the number, enciphered with a key of the account's and sealed. The name of a
//! notice is always the same, so that it can be told again; the name of a place to go on from is another each time, so
//! that it does not show whether anything happened that the account is not told of.

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use rand::RngCore;
use subtle::ConstantTimeEq;

use crate::smart::mac;

const START: usize = 8;
const NUMBER: usize = 8;
const SEAL: usize = 16;

/// The names of one account.
pub struct Cursors {
    key: [u8; 32],
}

impl Cursors {
    /// With the account's key.
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The name of a notice.
    pub fn of_notice(&self, number: u64) -> String {
        let mut start = [0; START];
        start.copy_from_slice(&mac(&self.key, &[b"start", &number.to_be_bytes()])[..START]);
        self.name(&start, number)
    }

    /// A name for the place after a number.
    pub fn fresh(&self, number: u64) -> String {
        let mut start = [0; START];
        rand::rngs::OsRng.fill_bytes(&mut start);
        self.name(&start, number)
    }

    /// The number that a name stands for.
    pub fn number(&self, name: &str) -> Option<u64> {
        let bytes = URL_SAFE_NO_PAD.decode(name).ok()?;
        let (start, rest) = bytes.split_at_checked(START)?;
        let (hidden, seal) = rest.split_at_checked(NUMBER)?;
        if !bool::from(self.seal(start, hidden).ct_eq(seal)) {
            return None;
        }
        let bytes: [u8; NUMBER] = hidden.try_into().ok()?;
        Some(u64::from_be_bytes(bytes) ^ self.pad(start))
    }

    fn name(&self, start: &[u8; START], number: u64) -> String {
        let hidden = (number ^ self.pad(start)).to_be_bytes();
        let seal = self.seal(start, &hidden);
        URL_SAFE_NO_PAD.encode([start.as_slice(), &hidden, &seal].concat())
    }

    fn pad(&self, start: &[u8]) -> u64 {
        let mut pad = [0; NUMBER];
        pad.copy_from_slice(&mac(&self.key, &[b"pad", start])[..NUMBER]);
        u64::from_be_bytes(pad)
    }

    fn seal(&self, start: &[u8], hidden: &[u8]) -> [u8; SEAL] {
        let mut seal = [0; SEAL];
        seal.copy_from_slice(&mac(&self.key, &[b"seal", start, hidden])[..SEAL]);
        seal
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn name_should_lead_back_to_its_number(number: u64, key: [u8; 32]) {
            let cursors = Cursors::new(key);
            prop_assert_eq!(cursors.number(&cursors.of_notice(number)), Some(number));
            prop_assert_eq!(cursors.number(&cursors.fresh(number)), Some(number));
        }

        #[test]
        fn name_should_be_refused_when_altered_or_another_accounts(number: u64, at in 0usize..32, bit in 0u8..8) {
            let cursors = Cursors::new([1; 32]);
            let name = cursors.of_notice(number);
            prop_assert_eq!(Cursors::new([2; 32]).number(&name), None);
            let mut bytes = URL_SAFE_NO_PAD.decode(name).unwrap_or_default();
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(cursors.number(&URL_SAFE_NO_PAD.encode(bytes)), None);
        }

        #[test]
        fn name_should_be_refused_when_made_up(text in "[A-Za-z0-9_-]{0,50}") {
            prop_assert_eq!(Cursors::new([1; 32]).number(&text), None);
        }
    }

    #[test]
    fn names_of_places_should_differ_when_the_place_does_not() {
        let cursors = Cursors::new([1; 32]);
        assert_eq!(cursors.of_notice(7), cursors.of_notice(7));
        assert_ne!(cursors.fresh(7), cursors.fresh(7));
    }
}
