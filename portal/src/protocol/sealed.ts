/** Answers that a gatekeeper seals to a key of the asker's, as `client/src/sealed.rs` says. The key lives as long as one question. */
import { bytesToHex } from '@noble/hashes/utils.js';

import { concatBytes, text, u16, u32, unhex, utf8 } from './bytes';
import { compact } from './scale';
import { hpke } from './sealing';

/** What is sent. */
export interface SealedBody {
  version: number;
  enc: string;
  ciphertext: string;
}

/** What opens: an answer as it would have been sent. */
export interface Envelope {
  body: string;
  date: number;
  signature: string;
}

/** What a sealed answer is bound to. */
export interface SealedContext {
  genesis: string;
  member: number;
  /** Path and query, the key in it. */
  target: string;
  /** The asker's public key. */
  asker: Uint8Array;
  status: number;
}

/** A fresh key to be answered to. */
export interface ReplyKey {
  /** The address with the key in it. */
  target: (address: string) => string;
  /** Opens what was sealed to it, or fails. */
  open: (sealed: SealedBody, context: SealedContext) => Promise<Envelope>;
}

/** Makes one. */
export async function replyKey(): Promise<ReplyKey> {
  const suite = hpke();
  const pair = await suite.kem.generateKeyPair();
  const own = bytesToHex(new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)));
  return {
    target: (address) => `${address}${address.includes('?') ? '&' : '?'}_sealed=${own}`,
    open: async ({ version, enc, ciphertext }, { genesis, member, target, asker, status }) => {
      if (version !== 1) throw new Error('sealed in another form');
      const info = concatBytes(utf8('medrec/answer/v1'), unhex(genesis), u32(member));
      const path = utf8(target);
      const bound = concatBytes(compact(path.length), path, asker, u16(status));
      const recipient = await suite.createRecipientContext({ recipientKey: pair.privateKey, enc: unhex(enc).slice().buffer, info: info.slice().buffer });
      const plain = await recipient.open(unhex(ciphertext).slice().buffer, bound.slice().buffer);
      return JSON.parse(text(new Uint8Array(plain))) as Envelope;
    },
  };
}
