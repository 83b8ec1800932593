// npm's `kill-the-clipboard`, unmodified: opens a SMART Health Link as any viewer of such links does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { SHLInvalidPasscodeError, SHLViewer } from 'kill-the-clipboard';

const { link, passcode, recipient, codes, canaries, gone } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const viewer = new SHLViewer({ shlinkURI: link });
assert.equal(viewer.shl.requiresPasscode, Boolean(passcode));

if (gone) {
  await assert.rejects(viewer.resolveSHL({ recipient, passcode }));
} else {
  if (passcode) {
    await assert.rejects(viewer.resolveSHL({ recipient, passcode: `${passcode}!` }), SHLInvalidPasscodeError);
  }
  // Once with the records in the manifest, once behind an address of their own.
  for (const embeddedLengthMax of [undefined, 10]) {
    const { fhirResources } = await viewer.resolveSHL({ recipient, passcode, embeddedLengthMax });
    assert.equal(fhirResources.length, 1);
    const shown = fhirResources[0].entry.map((entry) => entry.resource);
    assert.deepEqual(shown.map((resource) => resource.code.coding[0].code).sort(), codes);
    for (const canary of canaries) assert.ok(!JSON.stringify(shown).includes(canary), canary);
  }
}
console.log('done');
