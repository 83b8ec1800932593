/** Results of claims: fetched sealed, and believed only with the provider's signature and as what it committed to on the finalised chain. */
import { readDefinition, type Definition } from '../protocol/definition';
import { OtherAnswer, sameKind, verifiedNumbers, type AnswerBody, type Kind } from '../protocol/statistics';
import { combine, type Answered, type Result } from '../records/statistics';
import { GatekeeperProblem } from './gatekeeper';
import type { Membership } from './membership';
import type { Claim } from './research';
import { chain, gatekeeper, members, session } from './world';

/** What a researcher asks for (HL7 PurposeOfUse). */
const FOR_RESEARCH = 'HRESCH';

/** An answer that was verified. */
export interface Fetched {
  claim: Claim;
  provider: string;
  definition: Definition;
  /** The same for answers that may be added: definition and epoch. */
  group: string;
  answered: Answered;
  /** As it came. */
  text: string;
}

/** Fetches the answer to a granted claim and verifies it. */
export async function fetchAnswer(own: Membership, claim: Claim): Promise<Fetched> {
  const on = await chain();
  const { answer } = claim;
  const final = { at: 'finalized' } as const;
  const [found, table] = await Promise.all([on.api.apis.ResearchApi.answer(answer, final), on.api.query.Research.Tables.getValue(answer.provider, answer.table, final)]);
  const member = members.value.get(answer.provider);
  if (!member || !table || found?.status.type !== 'Committed') throw new GatekeeperProblem('refused', 'the finalised chain holds no commitment yet');
  const { spec } = table;
  const to = await gatekeeper(member);
  const definition = readDefinition(await to.definition(spec.definition), spec.definition);
  const kind = spec.kind as Kind;
  if (!sameKind(definition.kind, kind)) throw new GatekeeperProblem('untrue', 'the definition is not of the planned table');
  const signedIn = await session(to, own.account, FOR_RESEARCH);
  const text = await to.getSealed(`/research/answers/${claim.number!}`, signedIn);
  try {
    const numbers = verifiedNumbers(JSON.parse(text) as AnswerBody, on.genesis, answer, kind, spec.rho, found.status.value.commitment);
    const begins = Number(spec.first) + answer.epoch * Number(spec.length);
    const group = [spec.definition, begins, spec.length].join('/');
    return { claim, provider: member.name, definition, group, answered: { kind, rho: spec.rho, numbers }, text };
  } catch (error) {
    throw error instanceof OtherAnswer ? new GatekeeperProblem('untrue', error.message) : error;
  }
}

/** Tables to be shown: answers of several providers to one definition about one time are added up. */
export function tables(fetched: Fetched[]): { of: Fetched[]; result: Result }[] {
  return [...Map.groupBy(fetched, ({ group }) => group).values()].map((of) => ({ of, result: combine(of[0]!.definition, of.map(({ answered }) => answered)) }));
}
