/** What of a rule or a request stands in the open, in SCALE: what is sealed opens beside nothing else. */
import { concatBytes, u32, u64 } from './bytes';
import type { RelationshipId } from './relationship';

/** Whom a rule is about. Keys are public keys here. */
export type OpenViewer = { type: 'Key'; key: Uint8Array } | { type: 'Member' | 'Group'; number: number };

/** SCALE's compact form of a number below 2^32. */
export function compact(number: number): Uint8Array {
  if (number < 2 ** 6) return Uint8Array.of(number << 2);
  if (number < 2 ** 14) return u32(((number << 2) | 1) >>> 0).slice(0, 2);
  if (number < 2 ** 30) return u32(((number << 2) | 2) >>> 0);
  return concatBytes(Uint8Array.of(3), u32(number));
}

const relationship = (id: RelationshipId) => concatBytes(compact(id.member), compact(id.index));

const option = (moment: number | undefined) =>
  moment === undefined ? Uint8Array.of(0) : concatBytes(Uint8Array.of(1), u64(BigInt(moment)));

const viewer = (viewer: OpenViewer) =>
  viewer.type === 'Key'
    ? concatBytes(Uint8Array.of(0), viewer.key)
    : concatBytes(Uint8Array.of(viewer.type === 'Member' ? 1 : 2), compact(viewer.number));

/** Of a grant or a denial. */
export const openRule = (rule: {
  relationship: RelationshipId;
  viewer: OpenViewer;
  effect: 'Allow' | 'Deny';
  notBefore?: number;
  notAfter?: number;
  mayShare: boolean;
}): Uint8Array =>
  concatBytes(
    relationship(rule.relationship),
    viewer(rule.viewer),
    Uint8Array.of(rule.effect === 'Allow' ? 0 : 1),
    option(rule.notBefore),
    option(rule.notAfter),
    Uint8Array.of(rule.mayShare ? 1 : 0),
  );

/** Of a request. */
export const openRequest = (id: RelationshipId, asker: Uint8Array, expires: number): Uint8Array =>
  concatBytes(relationship(id), asker, u64(BigInt(expires)));

/** Of a choice of what is released. */
export const openRelease = (id: RelationshipId): Uint8Array => relationship(id);
