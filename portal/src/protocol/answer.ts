/** The gatekeeper's signature under what it answers. The key is the one that the chain names for the provider. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { verify } from '@scure/sr25519';

import { unhex, utf8 } from './bytes';

/** What is signed. */
export interface SignedAnswer {
  genesis: string;
  member: number;
  /** Path and query, as they were sent. */
  target: string;
  asker: string;
  status: number;
  body: Uint8Array;
}

/** What came with it. */
export interface AnswerHeaders {
  /** `MedRec-Date`. */
  date: string | null;
  /** `MedRec-Signature`. */
  signature: string | null;
}

/** Whether `gatekeeper`, account and public key of it on chain, signed this answer. */
export function isSigned(answer: SignedAnswer, headers: AnswerHeaders, account: string, publicKey: Uint8Array): boolean {
  const found = /^account="([1-9A-HJ-NP-Za-km-z]+)",signature="0x([0-9a-f]{128})"$/.exec(headers.signature ?? '');
  if (!found || found[1] !== account || !/^(0|[1-9]\d{0,15})$/.test(headers.date ?? '')) return false;
  const message = [
    'medrec-answer-v1',
    answer.genesis,
    answer.member,
    answer.target,
    answer.asker,
    answer.status,
    bytesToHex(sha256(answer.body)),
    headers.date,
  ].join('\n');
  try {
    return verify(utf8(message), unhex(found[2]!), publicKey);
  } catch {
    return false;
  }
}
