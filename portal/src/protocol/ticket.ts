/** Enrolment tickets: `medrec-ticket:v1:{address, percent-encoded}:{genesis}:{member}:{secret}`. */
import { blake2b } from '@noble/hashes/blake2.js';

import { concatBytes, hex, unhex, utf8 } from './bytes';

/** A ticket as it is handed over, on paper or as a QR code. */
export interface Ticket {
  /** The gatekeeper's public address, without a slash at the end. */
  gatekeeper: string;
  /** The chain: `0x` and 64 digits. */
  genesis: string;
  member: number;
  /** 32 hexadecimal digits. */
  secret: string;
}

/** The ticket of a text, or nothing where it is not one in every detail. */
export function parseTicket(ticket: string): Ticket | undefined {
  const found = /^medrec-ticket:v1:([^:]+):([0-9a-f]{64}):(0|[1-9]\d{0,9}):([0-9a-f]{32})$/.exec(ticket.trim());
  if (!found) return undefined;
  const [, address, genesis, member, secret] = found as unknown as [string, string, string, string, string];
  try {
    const gatekeeper = decodeURIComponent(address);
    const url = new URL(gatekeeper);
    if (url.origin !== gatekeeper || !/^https?:$/.test(url.protocol)) return undefined;
    return { gatekeeper, genesis: `0x${genesis}`, member: Number(member), secret };
  } catch {
    return undefined;
  }
}

/** What the patient's fresh key signs. */
export const enrolmentText = (ticket: Ticket, account: string): string =>
  ['medrec-enrol-v1', ticket.genesis, ticket.member, ticket.secret, account].join('\n');

/** What the chain is shown of a ticket. */
export const ticketDigest = (secret: string): string =>
  hex(blake2b(concatBytes(utf8('medrec/ticket/v1'), unhex(secret)), { dkLen: 32 }).slice(0, 16));
