// Seals the terms of a rule to a provider with HPKE from npm, from the public description of the format alone:
// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 in base mode (RFC 9180).
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

const ascii = (text) => new TextEncoder().encode(text);

/** A number as four bytes, the least first. */
function u32(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

/**
 * Terms in their packed and padded form, for the call `permissions.<call>` (`grant` or `deny`) with these other
 * arguments, sealed to the key that the chain names as the provider's current one.
 */
export async function sealTerms(api, call, rule, padded) {
  const { member } = rule.relationship;
  const provider = (await api.call.medRecApi.member(member)).unwrap();
  const key = provider.sealingKey.toNumber();
  const keys = await api.call.medRecApi.sealingKeys(member);
  const [, { public: publicKey }] = keys.find(([id]) => id.toNumber() === key);

  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Chacha20Poly1305(),
  });
  const sender = await suite.createSenderContext({
    recipientPublicKey: await suite.kem.deserializePublicKey(publicKey.toU8a(true)),
    info: u8aConcat(ascii('medrec/terms/v1'), api.genesisHash.toU8a(), u32(member)),
  });
  const ciphertext = new Uint8Array(await sender.seal(padded, openPart(api, call, rule)));
  const salt = new Uint8Array(await sender.export(ascii('medrec/terms/salt/v1'), 32));
  const commitment = blake2AsU8a(u8aConcat(ascii('medrec/terms/commitment/v1'), salt, padded), 256);
  return {
    Sealed: {
      key,
      enc: u8aToHex(new Uint8Array(sender.enc)),
      ciphertext: u8aToHex(ciphertext),
      commitment: u8aToHex(commitment),
    },
  };
}

/** What of the rule stands in the open, in SCALE: the ciphertext opens beside nothing else. */
function openPart(api, call, rule) {
  const encoded = (name, value) => {
    const argument = api.tx.permissions[call].meta.args.find((arg) => arg.name.toString() === name);
    return api.registry.createType(argument.type, value).toU8a();
  };
  return u8aConcat(
    encoded('relationship', rule.relationship),
    encoded('viewer', rule.viewer),
    Uint8Array.of(call === 'grant' ? 0 : 1),
    encoded('notBefore', rule.notBefore),
    encoded('notAfter', rule.notAfter),
    Uint8Array.of(rule.mayShare ? 1 : 0),
  );
}
