/** Sealing to a provider: HPKE in base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 (RFC 9180). */
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { blake2b } from '@noble/hashes/blake2.js';

import { concatBytes, hex, u32, unhex, utf8 } from './bytes';
import { PACKED } from './terms';

/** A provider's key, by its number on chain. */
export interface SealingKey {
  id: number;
  /** 32 bytes, as hexadecimal digits. */
  public: string;
}

/** What the chain holds of something sealed. */
export interface Sealed {
  key: number;
  enc: `0x${string}`;
  ciphertext: `0x${string}`;
  commitment: `0x${string}`;
}

/** Seals terms, bound to `open`: what of the rule stands in the open, in SCALE. */
export const sealTerms = (packed: Uint8Array, to: SealingKey, genesis: string, member: number, open: Uint8Array) =>
  seal('terms', 'terms', packed, to, genesis, member, open);

/** Seals a choice of what is released, bound to its relationship. It looks like sealed terms, whatever it says. */
export const sealRelease = (packed: Uint8Array, to: SealingKey, genesis: string, member: number, open: Uint8Array) =>
  seal('release', 'terms', packed, to, genesis, member, open);

/** Seals a question of at most 87 bytes, bound to `open` in the same way. Nothing where it is too long. */
export async function sealQuestion(question: string, to: SealingKey, genesis: string, member: number, open: Uint8Array) {
  const bytes = utf8(question);
  if (bytes.length >= PACKED) return undefined;
  const padded = new Uint8Array(PACKED);
  padded[0] = bytes.length;
  padded.set(bytes, 1);
  return await seal('question', 'question', padded, to, genesis, member, open);
}

/** The one suite that everything is sealed with. */
export const hpke = (): CipherSuite => new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });

async function seal(
  what: 'terms' | 'question' | 'release',
  committed: 'terms' | 'question',
  padded: Uint8Array,
  to: SealingKey,
  genesis: string,
  member: number,
  open: Uint8Array,
): Promise<Sealed> {
  const suite = hpke();
  const sender = await suite.createSenderContext({
    recipientPublicKey: await suite.kem.deserializePublicKey(unhex(to.public).slice().buffer),
    info: concatBytes(utf8(`medrec/${what}/v1`), unhex(genesis), u32(member)).slice().buffer,
  });
  const ciphertext = new Uint8Array(await sender.seal(padded.slice().buffer, open.slice().buffer));
  // All take their salt from the same export.
  const salt = new Uint8Array(await sender.export(utf8('medrec/terms/salt/v1').slice().buffer, 32));
  const commitment = blake2b(concatBytes(utf8(`medrec/${committed}/commitment/v1`), salt, padded), { dkLen: 32 });
  return { key: to.id, enc: hex(new Uint8Array(sender.enc)), ciphertext: hex(ciphertext), commitment: hex(commitment) };
}
