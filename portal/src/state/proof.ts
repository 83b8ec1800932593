/** Whether a record is, to the letter, what its hospital put on the chain: by the proof that its gatekeeper gives, and the chain's own word. */
import { Altered, judge } from '@medrec/proof';
import { verify } from '@scure/sr25519';

import { unhex, utf8 } from '../protocol/bytes';
import { parseRelationship } from '../protocol/relationship';
import { INTERVAL } from '../protocol/time';
import { toRecord, type PatientRecord } from '../records/fhir';
import { GatekeeperProblem } from './gatekeeper';
import { chain, gatekeeper, members, session } from './world';

/** What was found. */
export type Finding =
  /** It stands under a number on the chain, which was put there then (ms). */
  | { verdict: 'anchored'; when: number }
  /** The hospital signed it, and puts it on the chain soon. */
  | { verdict: 'pending' }
  /** The proof holds, but the chain does not keep the number of that time any more. */
  | { verdict: 'untold' }
  /** It is not what the hospital put there, or not what is shown here. */
  | { verdict: 'altered' };

/** Fetches the proof of a record that `account` reads for this purpose, and checks it. */
export async function prove(record: PatientRecord, account: string, purpose: string): Promise<Finding> {
  const id = parseRelationship(record.relationship);
  const member = id && members.value.get(id.member);
  if (!member) throw new GatekeeperProblem('other', 'no such hospital');
  const [on, to, { publicKey }] = await Promise.all([chain(), gatekeeper(member), import('./chain')]);
  const resource = record.key.slice(record.relationship.length + 1);
  const { text } = await to.get<unknown>(`/proof/fhir/${resource}`, await session(to, account, purpose));
  try {
    const [found] = await judge(text, {
      genesis: () => on.genesis,
      gatekeeper: (number) => members.value.get(number)?.gatekeeper ?? '',
      anchor: async (number, interval) => (await on.api.apis.MedRecApi.anchor(number, interval))?.records,
      verifySignature: (message, signature, signer) => verify(utf8(message), unhex(signature), publicKey(signer)),
    });
    const proven = JSON.parse((JSON.parse(text) as { answer: string }).answer) as fhir4.FhirResource;
    const same = JSON.stringify(toRecord(proven, record.relationship)) === JSON.stringify(record);
    if (!found || !same) return { verdict: 'altered' };
    if (found.verdict === 'anchored') return { verdict: 'anchored', when: (found.interval! + 1) * INTERVAL };
    return { verdict: found.verdict === 'signed and pending' ? 'pending' : 'untold' };
  } catch (error) {
    if (error instanceof Altered) return { verdict: 'altered' };
    throw error;
  }
}
