// What a wallet does, on npm's own packages alone: connect, sign, send, sign in. Nothing of MedRec's is imported.
import assert from 'node:assert/strict';

import { ApiPromise, WsProvider } from '@polkadot/api';
import { u8aToHex, u8aWrapBytes } from '@polkadot/util';

/** How long anything on chain or at the gatekeeper may take. */
const PATIENCE_MS = 60_000;

/** Connects; the connection is closed whatever `work` does. */
export async function withApi(url, work) {
  const provider = new WsProvider(url);
  const api = await ApiPromise.create({ provider, noInitWarn: true });
  try {
    return await work(api);
  } finally {
    await api.disconnect();
  }
}

/** Asks again until `question` gives something, or fails with `what` after a minute. */
export async function eventually(what, question) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The error of a failed call by its name in the metadata, such as `relationships.NotYours`. */
export function errorName(api, dispatchError) {
  if (!dispatchError.isModule) return dispatchError.toString();
  const { section, name, docs } = api.registry.findMetaError(dispatchError.asModule);
  assert.ok(docs.join('').length > 0, `the error ${section}.${name} explains itself`);
  return `${section}.${name}`;
}

/**
 * Signs with the API's own defaults (a mortal era of 64 blocks), sends, and waits until the transaction is final.
 * Gives its events and the hash of its block.
 */
export function send(api, call, pair) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${call.method.section}.${call.method.method} was not finalised`)), PATIENCE_MS);
    const settle = (end, value) => {
      clearTimeout(timer);
      end(value);
    };
    call
      .signAndSend(pair, ({ status, events, dispatchError, txHash }) => {
        if (status.isInvalid || status.isDropped || status.isUsurped) {
          settle(reject, new Error(`the pool gave up the transaction: ${status.type}`));
        } else if (status.isFinalized) {
          settle(resolve, { block: status.asFinalized.toHex(), events, dispatchError, txHash: txHash.toHex() });
        }
      })
      .catch((error) => settle(reject, error));
  });
}

/** As `send`, for a call that has to succeed and cost its signer nothing. */
export async function sendFree(api, call, pair) {
  const sent = await send(api, call, pair);
  if (sent.dispatchError) throw new Error(`${call.method.method} failed: ${errorName(api, sent.dispatchError)}`);
  const paid = sent.events.filter(({ event }) => event.section === 'transactionPayment' && event.data.actualFee?.toBigInt() > 0n);
  assert.equal(paid.length, 0, `${call.method.method} is free`);
  assert.equal(await freeBalance(api, pair.address), 0n, `${call.method.method} needs no balance`);
  return sent;
}

/** The one event of this name among those of a transaction. */
export function eventOf({ events }, section, method) {
  const found = events.filter(({ event }) => event.section === section && event.method === method);
  assert.equal(found.length, 1, `one event ${section}.${method}`);
  return found[0].event;
}

/** An account's free balance. */
export async function freeBalance(api, address) {
  return (await api.query.system.account(address)).data.free.toBigInt();
}

/** A transaction as an explorer shows it: decoded from the block by the metadata alone. */
export async function shown(api, { block, txHash }) {
  const { block: { extrinsics } } = await api.rpc.chain.getBlock(block);
  const found = extrinsics.find((extrinsic) => extrinsic.hash.toHex() === txHash);
  assert.ok(found, 'the transaction is in its block');
  return found.method.toHuman();
}

/** Signs a text as a wallet does for `signRaw`: as it is, or between `<Bytes>` and `</Bytes>`. */
export function signText(pair, text, wrapped) {
  const bytes = new TextEncoder().encode(text);
  return u8aToHex(pair.sign(wrapped ? u8aWrapBytes(bytes) : bytes));
}

/** Posts JSON; gives status and body. */
export async function post(url, body) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

/** Opens a session and gives its token. */
export async function signIn(gatekeeper, pair, purpose, wrapped) {
  const challenge = await post(`${gatekeeper}/auth/challenge`, { account: pair.address, purpose });
  assert.equal(challenge.status, 200, JSON.stringify(challenge.body));
  const { message } = challenge.body;
  assert.ok(message.includes(pair.address), 'the text to sign names the account');
  const session = await post(`${gatekeeper}/auth/session`, {
    message,
    signature: signText(pair, message, wrapped),
  });
  assert.equal(session.status, 200, JSON.stringify(session.body));
  return session.body.token;
}

/** Asks the gatekeeper's FHIR interface. */
export async function fhir(gatekeeper, token, target) {
  const answer = await fetch(`${gatekeeper}/fhir/${target}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, body: await answer.json() };
}
