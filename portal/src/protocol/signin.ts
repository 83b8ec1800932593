/** The text that a gatekeeper asks to have signed. Nothing but a sign-in to that gatekeeper is handed to the wallet. */

/** What a sign-in has to be about. */
export interface Expected {
  /** The gatekeeper's address. */
  url: string;
  account: string;
  /** `0x` and 64 digits. */
  genesis: string;
  purpose: string;
}

/** Whether `message` signs `account` in to this gatekeeper for this purpose, and does nothing else. */
export function isSignIn(message: string, expected: Expected): boolean {
  const lines = message.split('\n');
  const [who, account, empty, statement, empty2, uri, version, chain, nonce, issued, expires, resources, purpose] = lines;
  const host = expected.url.replace(/^https?:\/\//, '');
  return (
    lines.length === 13 &&
    who === `${host} wants you to sign in with your Substrate account:` &&
    account === expected.account &&
    empty === '' &&
    /^[\x20-\x7e]+$/.test(statement ?? '') &&
    empty2 === '' &&
    uri === `URI: ${expected.url}` &&
    version === 'Version: 1' &&
    chain === `Chain ID: polkadot:${expected.genesis.slice(2, 34)}` &&
    /^Nonce: [0-9A-Za-z]{8,64}$/.test(nonce ?? '') &&
    /^Issued At: [\dTZ:.-]+$/.test(issued ?? '') &&
    /^Expiration Time: [\dTZ:.-]+$/.test(expires ?? '') &&
    resources === 'Resources:' &&
    purpose === `- urn:medrec:purpose:${expected.purpose}`
  );
}
