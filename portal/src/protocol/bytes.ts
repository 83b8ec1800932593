/** Small pieces that several formats share. */
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

export { concatBytes };

/** Text as UTF-8. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** UTF-8 as text. */
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Hexadecimal digits after `0x`. */
export const hex = (bytes: Uint8Array): `0x${string}` => `0x${bytesToHex(bytes)}`;

/** The bytes of hexadecimal digits, with or without `0x`. */
export const unhex = (digits: string): Uint8Array => hexToBytes(digits.replace(/^0x/, ''));

/** A number as two bytes, the least first. */
export const u16 = (number: number): Uint8Array => u32(number).slice(0, 2);

/** A number as four bytes, the least first. */
export function u32(number: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

/** A number as eight bytes, the least first. */
export function u64(number: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, number, true);
  return bytes;
}
