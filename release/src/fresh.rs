//! Randomness from the operating system, some at a time.

use rand::{rngs::OsRng, CryptoRng, Error, RngCore};
use zeroize::Zeroize;

/// How many bytes are asked for at once.
const AHEAD: usize = 4_096;

/// The operating system's randomness and nothing else: no seed that could be kept, guessed or used twice. What is taken from its
/// buffer is overwritten there.
pub struct Fresh {
    buffer: Box<[u8; AHEAD]>,
    used: usize,
}

impl Default for Fresh {
    fn default() -> Self {
        Self { buffer: Box::new([0; AHEAD]), used: AHEAD }
    }
}

impl RngCore for Fresh {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(AHEAD) {
            if self.used + piece.len() > AHEAD {
                OsRng.fill_bytes(&mut self.buffer[..]);
                self.used = 0;
            }
            let taken = &mut self.buffer[self.used..self.used + piece.len()];
            piece.copy_from_slice(taken);
            taken.zeroize();
            self.used += piece.len();
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Fresh {}

impl Drop for Fresh {
    fn drop(&mut self) {
        self.buffer.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_should_never_repeat_itself_when_it_fills_up() {
        let mut fresh = Fresh::default();
        let mut seen = std::collections::BTreeSet::new();
        assert!((0..2_000).all(|_| seen.insert(fresh.next_u64())));
        let mut long = vec![0; 3 * AHEAD + 5];
        fresh.fill_bytes(&mut long);
        assert!(long.chunks(8).filter(|piece| piece.len() == 8).all(|piece| piece != [0; 8]));
    }
}
