/** Single requests that an account signs itself, as `client/README.md` says: for what a stolen session must not do. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

import { utf8 } from './bytes';

/** What is asked of whom, by whom. */
export interface SignedRequest {
  method: 'GET' | 'POST';
  /** Path and query, as they are sent. */
  target: string;
  /** As it is sent; empty for none. */
  body: string;
  /** The gatekeeper's address. */
  audience: string;
  genesis: string;
  account: string;
  /** A code of HL7's PurposeOfUse. */
  purpose: string;
  /** 32 hexadecimal digits, never used before. */
  nonce: string;
  /** Until when it may be answered (ms). */
  expires: number;
}

/** The text that is signed. */
export const requestText = ({ method, target, body, audience, genesis, account, purpose, nonce, expires }: SignedRequest): string =>
  ['medrec-request-v1', method, target, bytesToHex(sha256(utf8(body))), audience, genesis, account, purpose, nonce, expires].join('\n');

/** The header `Authorization`. `type`: the scheme of the account's key. */
export const authorization = ({ account, purpose, nonce, expires }: SignedRequest, type: string, signature: string): string =>
  `MedRec-Signature account="${account}",type="${type}",purpose="${purpose}",nonce="${nonce}",expires="${expires}",signature="${signature}"`;
