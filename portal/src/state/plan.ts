/** A hospital's plan for a year, before it is published. */
import { readDefinition, type Definition } from '../protocol/definition';
import { DAY } from '../protocol/time';
import type { Chain, Member } from './chain';
import { gatekeeper } from './world';

/** A definition that the hospital's gatekeeper serves, with its digest. */
export interface Served {
  digest: string;
  definition: Definition;
}

/** All of them; what does not prove itself fails. */
export async function served(member: Member): Promise<Served[]> {
  const to = await gatekeeper(member);
  return await Promise.all((await to.definitions()).map(async (digest) => ({ digest, definition: readDefinition(await to.definition(digest), digest) })));
}

/** How often a table is answered in its year: epochs, and days of each. */
export const RHYTHMS = [
  [1, 364],
  [2, 182],
  [4, 91],
] as const;

/** A table as it is planned. */
export interface Planned {
  served: Served;
  epochs: number;
  days: number;
  /** Millionths of rho of each answer. */
  rho: number;
  price: number;
}

/** Millionths of rho that all answers of a year may cost, and the least that one may. */
export async function bounds(on: Chain): Promise<{ yearly: number; least: number }> {
  const { YearlyRho, MinRho } = on.api.constants.Research;
  const [yearly, least] = await Promise.all([YearlyRho(), MinRho()]);
  return { yearly, least };
}

/** Puts the plan on chain, from `starts` on (ms), for these purposes. */
export const publish = (on: Chain, starts: number, purposes: number, planned: Planned[]) =>
  on.api.tx.Research.publish_plan({
    starts: BigInt(starts),
    bounty: undefined,
    tables: planned.map(({ served: { digest, definition }, epochs, days, rho, price }) => ({
      kind: definition.kind,
      definition: digest as `0x${string}`,
      purposes,
      first: BigInt(starts),
      length: BigInt(days * DAY),
      epochs,
      rho,
      price,
      fee: undefined,
    })),
  });
