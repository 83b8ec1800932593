/** Something was altered, or was never what it claims to be. */
export class Altered extends Error {}

/** The chain must have `records` (64 hexadecimal digits) for the records of this member in this interval. */
export interface AnchoredClaim {
  state: 'anchored';
  member: number;
  interval: number;
  records: string;
}

/** The gatekeeper that the chain names for the member must have signed `message`. */
export interface PendingClaim {
  state: 'pending';
  member: number;
  genesis: string;
  date: number;
  message: string;
  account: string;
  signature: string;
}

export type Claim = AnchoredClaim | PendingClaim;

/** A text with a signature under it. */
export interface Signed {
  account: string;
  signature: string;
  message: string;
}

/** What an answer with proofs says, once all of its resources lead to where their proofs say. */
export interface CheckedAnswer {
  answer: string;
  member: number;
  genesis: string;
  date: number;
  claims: ({ resource: string } & Claim)[];
  signed: Signed;
}

/** What the caller asks the chain, for instance by `@polkadot/api`. */
export interface Chain {
  /** The genesis hash: `0x` and 64 hexadecimal digits. */
  genesis(): string | Promise<string>;
  /** The address (SS58) of a member's gatekeeper. */
  gatekeeper(member: number): string | Promise<string>;
  /** `Anchor.records` of a member and interval in hexadecimal digits; null if the chain keeps it no longer. */
  anchor(member: number, interval: number): string | null | undefined | Promise<string | null | undefined>;
  /** Whether the account signed the message, for instance `signatureVerify` of `@polkadot/util-crypto`. */
  verifySignature(message: string, signature: string, account: string): boolean | Promise<boolean>;
}

export interface Verdict {
  resource: string;
  /** `not to be told`: the proof holds, but the chain's state has no anchor of that interval any more. */
  verdict: 'anchored' | 'signed and pending' | 'not to be told';
  interval?: number;
  date?: number;
}

/** Checks a resource, as the text that the gatekeeper wrote, against its proof. Throws {@link Altered}. */
export function check(resource: string, proof: string): Promise<Claim>;

/** Checks a document of an answer with proofs. Throws {@link Altered}. */
export function checkAnswer(document: string): Promise<CheckedAnswer>;

/** Says of each resource of an answer whether it is anchored, or signed and pending. Throws {@link Altered}. */
export function judge(document: string, chain: Chain): Promise<Verdict[]>;

/** BLAKE2b with 32 bytes of output and no key. */
export function blake2b(input: Uint8Array): Uint8Array;

/** A JSON text in the one spelling that gatekeepers write: objects as maps, numbers with their digits. Throws {@link Altered}. */
export function parse(text: string): unknown;
