/** The chain, through polkadot-api with types from our metadata. Loaded when it is first needed. */
import { medrec } from '@polkadot-api/descriptors';
import { AccountId, createClient, type JsonRpcProvider, type PolkadotClient, type TypedApi } from 'polkadot-api';
import { getPolkadotSignerFromPjs } from 'polkadot-api/pjs-signer';
import { getWsProvider } from 'polkadot-api/ws';

import { text } from '../protocol/bytes';
import type { RelationshipId } from '../protocol/relationship';
import type { SealingKey } from '../protocol/sealing';
import type { Group } from './groups';
import type { Wallet } from './wallet';

type Api = TypedApi<typeof medrec>;

/** A transaction, made and not yet signed. */
export type Call = ReturnType<Api['tx']['Permissions']['revoke']>;

/** A member of the consortium. */
export interface Member {
  number: number;
  name: string;
  url: string;
  role: string;
  status: string;
  account: string;
  /** The key that signs its answers. */
  gatekeeper: string;
  gatekeeperKey: Uint8Array;
}

/** Whom a rule is about. */
export type Viewer = { type: 'Key'; value: string } | { type: 'Member' | 'Group'; value: number };

/** A rule of a relationship. */
export interface Rule {
  id: number;
  viewer: Viewer;
  effect: 'Allow' | 'Deny';
  sealed: boolean;
  notBefore?: number;
  notAfter?: number;
  mayShare: boolean;
  parent?: number;
}

/** A request that is open. */
export interface OpenRequest {
  id: RelationshipId;
  relationship: RelationshipId;
  asker: string;
  expires: number;
  waiting: boolean;
}

/** An emergency access. */
export interface Glass {
  id: RelationshipId;
  staff: RelationshipId;
  from: number;
  until: number;
}

/** Who may act for the patient. */
export interface Custodian {
  key: string;
  rights: number;
  from: number;
  until?: number;
}

/** What the chain knows of one viewer at one relationship. */
export interface Facts {
  status: string;
  patient: string;
  custodians: Custodian[];
  flags: number;
  staff?: { id: RelationshipId; role: string; until: number };
  emergency?: { from: number; until: number };
}

/** How far a transaction has come. */
export type Step = 'signing' | 'sent' | 'included' | 'final';

/** The chain refused a call: pallet and error by name. */
export class ChainRefusal extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** How long a transaction may take until it is in a block, or final. */
const PATIENCE_MS = 90_000;

const accountId = AccountId();

/** The public key of an address. */
export const publicKey = (address: string): Uint8Array => accountId.enc(address);

/** Whether a text is an address of this chain's form. */
export function isAddress(address: string): boolean {
  try {
    return accountId.dec(accountId.enc(address)) === address;
  } catch {
    return false;
  }
}

const optional = (moment: bigint | undefined) => (moment === undefined ? undefined : Number(moment));

/** A connection to one node, or to a light client. */
export class Chain {
  private constructor(
    private readonly client: PolkadotClient,
    readonly api: Api,
    readonly genesis: string,
    readonly name: string,
  ) {}

  /** Connects to a node, or through what is given, or fails after `patience` (ms). */
  static async connect(node: string | JsonRpcProvider, patience = 15_000): Promise<Chain> {
    const client = createClient(typeof node === 'string' ? getWsProvider(node) : node);
    const timer = new Promise<never>((_, reject) => {
      const whom = typeof node === 'string' ? node : 'the light client';
      setTimeout(() => reject(new Error(`no answer from ${whom}`)), patience);
    });
    try {
      const { genesisHash, name } = await Promise.race([client.getChainSpecData(), timer]);
      return new Chain(client, client.getTypedApi(medrec), genesisHash, name);
    } catch (error) {
      client.destroy();
      throw error;
    }
  }

  /** Tells the number of each final block from now on. */
  follow(tell: (final: number) => void): void {
    // When it ends, everything else that is asked fails and says so.
    this.client.finalizedBlock$.subscribe({ next: ({ number }) => tell(number), error: () => undefined });
  }

  private get read() {
    return this.api.apis.MedRecApi;
  }

  /** The chain's clock (ms). */
  async now(): Promise<number> {
    return Number(await this.api.query.Timestamp.Now.getValue({ at: 'best' }));
  }

  /** Every member. */
  async members(): Promise<Member[]> {
    const all: Member[] = [];
    for (;;) {
      const start: number = all.length === 0 ? 0 : all[all.length - 1]!.number + 1;
      const page = await this.read.members(start, 64, { at: 'best' });
      for (const [number, member] of page) {
        all.push({
          number,
          name: text(member.name),
          url: text(member.url),
          role: member.role.type,
          status: member.status.type,
          account: member.account,
          gatekeeper: member.gatekeeper,
          gatekeeperKey: publicKey(member.gatekeeper),
        });
      }
      if (page.length < 64) return all;
    }
  }

  /** Every group of members. */
  async groups(): Promise<Group[]> {
    const found = await this.api.query.Registry.Groups.getEntries({ at: 'best' });
    return found
      .map(({ keyArgs: [number], value: { name, owner, members } }) => ({ number, name: text(name), owner, count: members }))
      .sort((a, b) => a.number - b.number);
  }

  /** The members of a group, ascending. */
  async groupMembers(group: number): Promise<number[]> {
    const all: number[] = [];
    for (;;) {
      const page = await this.read.group_members(group, all.at(-1), 100, { at: 'best' });
      all.push(...page);
      if (page.length < 100) return all.sort((a, b) => a - b);
    }
  }

  /**
   * The relationship that this account has a part in, whether as the patient or as somebody who acts for the patient, and
   * whether it may act there now.
   */
  async relationshipOf(account: string): Promise<{ id: RelationshipId; status: string; acting: boolean; mayAct: boolean } | undefined> {
    const [found] = await this.read.my_relationships(account, { at: 'best' });
    if (!found) return undefined;
    const [id, { type: status }] = found;
    const [facts, now] = await Promise.all([this.facts(id, account), this.now()]);
    const acting = facts?.patient !== account;
    // Facts name those only who act without having to step in, or who have.
    const inForce = facts?.custodians.some(({ key, from, until }) => key === account && from <= now && (until === undefined || now < until));
    return { id, status, acting, mayAct: !acting || inForce === true };
  }

  /** What the chain knows of this viewer. */
  async facts(id: RelationshipId, viewer: string): Promise<Facts | undefined> {
    const found = await this.read.facts(id, viewer, { at: 'best' });
    return (
      found && {
        status: found.status.type,
        patient: found.patient,
        flags: found.flags,
        custodians: found.custodians.map((custodian) => ({
          key: custodian.key,
          rights: custodian.rights,
          from: Number(custodian.not_before),
          until: optional(custodian.not_after),
        })),
        staff: found.staff && {
          id: found.staff.id,
          role: found.staff.role.type,
          until: Number(found.staff.until),
        },
        emergency: found.emergency && { from: Number(found.emergency.from), until: Number(found.emergency.until) },
      }
    );
  }

  /** The rules of a relationship. */
  async rules(id: RelationshipId): Promise<Rule[]> {
    const found = await this.read.rules(id, { at: 'best' });
    return found.map(({ id: number, grant }) => ({
      id: number,
      viewer: grant.viewer as Viewer,
      effect: grant.effect.type,
      sealed: grant.terms.type === 'Sealed',
      notBefore: optional(grant.not_before),
      notAfter: optional(grant.not_after),
      mayShare: grant.may_share,
      parent: grant.parent,
    }));
  }

  /** Emergency accesses at a relationship. */
  async glasses(id: RelationshipId): Promise<Glass[]> {
    const found = await this.read.glasses(id, { at: 'best' });
    return found.map(({ id: glass, staff, from, until }) => ({
      id: glass,
      staff,
      from: Number(from),
      until: Number(until),
    }));
  }

  /** Open requests for a relationship. */
  async requestsAt(id: RelationshipId): Promise<OpenRequest[]> {
    return (await this.read.requests_at(id, { at: 'best' })).map(openRequest);
  }

  /** Open requests of an asker. */
  async requestsOf(asker: string): Promise<OpenRequest[]> {
    return (await this.read.requests_of(asker, { at: 'best' })).map(openRequest);
  }

  /** How a request ended. */
  async receipt(id: RelationshipId): Promise<string | undefined> {
    const found = await this.read.receipt(id, { at: 'best' });
    if (!found) return undefined;
    return found.outcome.type === 'Declined' ? 'Declined' : found.outcome.value.settlement.type;
  }

  /** The interval that a member anchored last. */
  async lastAnchor(member: number): Promise<number | undefined> {
    return (await this.read.latest_anchor(member, { at: 'best' }))?.interval;
  }

  /** The key that may be sealed to now. */
  async sealingKey(member: number): Promise<SealingKey> {
    const [found, keys] = await Promise.all([this.read.member(member), this.read.sealing_keys(member)]);
    const key = keys.find(([id]) => id === found?.sealing_key);
    if (!key) throw new Error(`member ${member} has no sealing key`);
    return { id: key[0], public: key[1].public };
  }

  /**
   * Has the wallet sign a call, sends it, and waits until it is in a block, or final. A grant waits for finality; what narrows
   * access works from the first block on.
   */
  submit(call: Call, account: string, wallet: Wallet, wait: 'included' | 'final', told: (step: Step) => void): Promise<void> {
    const signer = getPolkadotSignerFromPjs(
      account,
      wallet.signer.signPayload as unknown as Parameters<typeof getPolkadotSignerFromPjs>[1],
      wallet.signer.signRaw as unknown as Parameters<typeof getPolkadotSignerFromPjs>[2],
    );
    told('signing');
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = (settle: () => void) => {
        clearTimeout(timer);
        subscription.unsubscribe();
        settle();
      };
      const subscription = call.signSubmitAndWatch(signer, { mortality: { mortal: true, period: 64 } }).subscribe({
        next: (event) => {
          if (event.type === 'signed') {
            timer = setTimeout(() => end(() => reject(new Error('the chain did not answer in time'))), PATIENCE_MS);
          } else if (event.type === 'broadcasted') {
            told('sent');
          } else if (event.type === 'finalized' || (event.type === 'txBestBlocksState' && event.found)) {
            const { ok } = event;
            if (!ok) {
              end(() => reject(new ChainRefusal(refusal(event.dispatchError))));
              return;
            }
            const failed = failedMotion(event.events);
            if (failed !== undefined) {
              end(() => reject(new ChainRefusal(failed)));
              return;
            }
            told(event.type === 'finalized' ? 'final' : 'included');
            if (event.type === 'finalized' || wait === 'included') end(resolve);
          }
        },
        error: (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  /** Ends the connection. */
  close(): void {
    this.client.destroy();
  }
}

function openRequest([id, request]: [
  RelationshipId,
  { relationship: RelationshipId; asker: string; expires: bigint; status: { type: string } },
]): OpenRequest {
  return {
    id,
    relationship: request.relationship,
    asker: request.asker,
    expires: Number(request.expires),
    waiting: request.status.type === 'Waiting',
  };
}

/** Why the call that a motion was about failed, although closing the motion succeeded. */
function failedMotion(events: { type: string; value: { type: string; value: unknown } }[]): string | undefined {
  const executed = events.find(({ type, value }) => type === 'Council' && value.type === 'Executed');
  if (!executed) return undefined;
  const { result } = executed.value.value as { result: { success: true } | { success: false; value: { type: string; value?: unknown } } };
  return result.success ? undefined : refusal(result.value);
}

/** An error of the runtime's by name, such as `Permissions.NotYours`. */
function refusal(error: { type: string; value?: unknown }): string {
  if (error.type !== 'Module') return error.type;
  const { type, value } = error.value as { type: string; value: { type: string } };
  return `${type}.${value.type}`;
}
