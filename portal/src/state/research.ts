/** What the chain has of research: plans, budgets, studies, credits, claims and their answers. */
import type { AnswerKey, Kind } from '../protocol/statistics';
import type { Chain } from './chain';

const best = { at: 'best' } as const;

/** A planned table. */
export interface Table {
  number: number;
  kind: Kind;
  purposes: number;
  /** When its first epoch begins, and how long each is (ms). */
  first: number;
  length: number;
  epochs: number;
  /** What each answer costs in privacy, in millionths of rho, and in credits. */
  rho: number;
  price: number;
  /** What a claim costs beside (plancks). */
  fee?: bigint;
  withdrawn: boolean;
}

/** A provider's plan, and what is left of its budget of privacy (millionths of rho). */
export interface Plan {
  provider: number;
  starts: number;
  tables: Table[];
  spent: number;
  left: number;
}

/** The plans of these providers; those without one are left out. */
export async function plans(on: Chain, providers: number[]): Promise<Plan[]> {
  const { research_plan, research_budget } = on.api.apis.ResearchApi;
  const all = await Promise.all(
    providers.map(async (provider): Promise<Plan[]> => {
      const [found, budget] = await Promise.all([research_plan(provider, best), research_budget(provider, best)]);
      if (!found) return [];
      const [plan, tables] = found;
      return [
        {
          provider,
          starts: Number(plan.starts),
          spent: budget.year,
          left: budget.left,
          tables: tables.map(([number, { spec, withdrawn }]) => ({
            number,
            kind: spec.kind as Kind,
            purposes: spec.purposes,
            first: Number(spec.first),
            length: Number(spec.length),
            epochs: spec.epochs,
            rho: spec.rho,
            price: spec.price,
            fee: spec.fee?.amount,
            withdrawn,
          })),
        },
      ];
    }),
  );
  return all.flat();
}

/** The epochs of a table that are over, by number: these can be claimed. */
export const claimable = ({ first, length, epochs, withdrawn }: Table, now: number): number[] =>
  withdrawn ? [] : Array.from({ length: epochs }, (_, epoch) => epoch).filter((epoch) => first + (epoch + 1) * length <= now);

/** A study. */
export interface Study {
  number: number;
  owner: number;
  purposes: number;
  until: number;
  status: string;
}

/** The studies of a researcher, newest first. */
export async function studies(on: Chain, owner: number): Promise<Study[]> {
  const found = await on.api.query.Research.Studies.getEntries(best);
  return found
    .map(({ keyArgs: [number], value: { owner, purposes, until, status } }) => ({ number, owner, purposes, until: Number(until), status: status.type }))
    .filter((study) => study.owner === owner)
    .sort((a, b) => b.number - a.number);
}

/** A claim: drawn, or waiting to be. */
export interface Claim {
  number?: number;
  study: number;
  answer: AnswerKey;
  credits: number;
  /** `Waiting` to be drawn; `Awaited`, `Committed`, `Failed`: of its answer. */
  state: string;
  /** By when the answer is due (ms). */
  due?: number;
  disputed: boolean;
}

/** How many claims are asked for at once: as many as the runtime gives. */
const PAGE = 100;

/** The claims of a researcher that are not closed, newest first. */
export async function claims(on: Chain, researcher: number): Promise<Claim[]> {
  const [next, entries] = await Promise.all([on.api.query.Research.NextClaim.getValue(best), on.api.query.Research.Entries.getEntries(best)]);
  const pages = await Promise.all(Array.from({ length: Math.ceil(next / PAGE) }, (_, page) => on.api.apis.ResearchApi.claims(page * PAGE, PAGE, best)));
  const drawn = await Promise.all(
    pages
      .flat()
      .filter(([, claim]) => claim.researcher === researcher)
      .map(async ([number, { study, answer, credits, status }]): Promise<Claim> => {
        const found = await on.api.apis.ResearchApi.answer(answer, best);
        return { number, study, answer, credits, state: found?.status.type ?? 'Failed', due: found && Number(found.due), disputed: status.type === 'Disputed' };
      }),
  );
  const waiting = entries.flatMap(({ value: { claimant, answer } }): Claim[] =>
    claimant.type === 'Paying' && claimant.value.researcher === researcher
      ? [{ study: claimant.value.study, answer, credits: claimant.value.credits, state: 'Waiting', disputed: false }]
      : [],
  );
  return [...waiting, ...drawn.sort((a, b) => b.number! - a.number!)];
}

/** How far a researcher's collator has come: named, accepted by its own account, approved by the consortium. */
export type CollatorStatus = 'Registered' | 'Accepted' | 'Approved';

/** A researcher's collators. */
export async function collators(on: Chain, member: number): Promise<{ key: string; status: CollatorStatus }[]> {
  const found = await on.api.query.Research.Collators.getEntries(best);
  return found.filter(({ value }) => value.member === member).map(({ keyArgs: [key], value: { status } }) => ({ key, status: status.type }));
}
