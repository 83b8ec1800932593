/** One provider's gatekeeper: sign-in, records, log, enrolment. What is not signed by its key on chain does not count. */
import { isSigned } from '../protocol/answer';
import { text, utf8 } from '../protocol/bytes';
import type { SealedBody } from '../protocol/sealed';
import { isSignIn } from '../protocol/signin';
import type { Member } from './chain';
import { signText } from './wallet';

/** How long a gatekeeper may take to answer (ms). */
const PATIENCE_MS = 12_000;

/** It takes part in finality, so it gets longer. */
const ENROLMENT_PATIENCE_MS = 40_000;

/** Why there is no answer. */
export class GatekeeperProblem extends Error {
  constructor(
    readonly kind: 'unreachable' | 'refused' | 'signed-out' | 'untrue' | 'other',
    message: string,
  ) {
    super(message);
  }
}

/** A session: who asks, for which purpose. */
export interface Session {
  account: string;
  token: string;
  expires: number;
}

/** An answer, verified. */
export interface Answer<T> {
  body: T;
  /** As it was sent and signed. */
  text: string;
  /** When the gatekeeper signed it (ms). */
  date: number;
}

/** One request as the log keeps it. */
export interface LogEntry {
  number: number;
  time: number;
  patient: string;
  account: string;
  capacity?: string;
  purpose: string;
  action: string;
  resource: string;
  permitted: boolean;
  records: number;
}

/** What a share link is to be like. */
export interface LinkWish {
  purpose: string;
  /** Until when (ms). */
  expires: number;
  passcode?: string;
  label?: string;
}

/** How a gatekeeper is. */
export interface Health {
  /** Whether anything answers at its address. */
  lives: boolean;
  /** Whether it can decide, look things up and write its log. */
  ready: boolean;
  /** Why not, in its own words. */
  reason?: string;
}

/** Asks a member's gatekeeper how it is. */
export async function health(member: Member): Promise<Health> {
  try {
    const answer = await fetch(`${member.url}/ready`, { credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    const { message } = (await answer.json().catch(() => ({}))) as { message?: string };
    return { lives: true, ready: answer.ok, reason: answer.ok ? undefined : message };
  } catch {
    return { lives: false, ready: false };
  }
}

/** Talks to a member's gatekeeper. */
export class Gatekeeper {
  constructor(
    readonly member: Member,
    private readonly genesis: string,
  ) {}

  private async ask(target: string, options: RequestInit, patience = PATIENCE_MS): Promise<Response> {
    try {
      return await fetch(`${this.member.url}${target}`, {
        ...options,
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(patience),
      });
    } catch (error) {
      throw new GatekeeperProblem('unreachable', String(error));
    }
  }

  private async post<T>(target: string, body: unknown, patience?: number, session?: Session): Promise<T> {
    const headers = { 'content-type': 'application/json', ...(session && { authorization: `Bearer ${session.token}` }) };
    const answer = await this.ask(target, { method: 'POST', headers, body: JSON.stringify(body) }, patience);
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      const kind = answer.status >= 500 ? 'unreachable' : 'refused';
      throw new GatekeeperProblem(kind, (found as { message?: string }).message ?? `status ${answer.status}`);
    }
    return found as T;
  }

  /** Signs in. The wallet is only ever shown a sign-in to this gatekeeper. */
  async signIn(account: string, purpose: string): Promise<Session> {
    const { message } = await this.post<{ message: string }>('/auth/challenge', { account, purpose });
    if (!isSignIn(message, { url: this.member.url, account, genesis: this.genesis, purpose })) {
      throw new GatekeeperProblem('untrue', 'the text to sign is not a sign-in');
    }
    const signature = await signText(account, message);
    const session = await this.post<{ token: string; expires: number }>('/auth/session', { message, signature });
    return { account, ...session };
  }

  /** Redeems a ticket by the fresh key's signature. `waiting`: a lost key, for which others have to act or time has to pass. */
  enrol(ticket: string, account: string, signature: string): Promise<{ relationship: string; stage: 'proposed' | 'waiting' | 'named' }> {
    return this.post('/enrol', { ticket, account, signature }, ENROLMENT_PATIENCE_MS);
  }

  /** Asks, and verifies the signature under the answer. */
  async get<T>(target: string, session: Session): Promise<Answer<T>> {
    const answer = await this.ask(target, { headers: { authorization: `Bearer ${session.token}` } });
    const bytes = await answer.arrayBuffer().catch((error: unknown) => {
      throw new GatekeeperProblem('unreachable', String(error));
    });
    const body = new Uint8Array(bytes);
    if (answer.status === 401) throw new GatekeeperProblem('signed-out', 'the session is over');
    if (answer.status === 503 || answer.status === 429) {
      throw new GatekeeperProblem('unreachable', `status ${answer.status}`);
    }
    const date = answer.headers.get('medrec-date');
    const signed = isSigned(
      { genesis: this.genesis, member: this.member.number, target, asker: session.account, status: answer.status, body },
      { date, signature: answer.headers.get('medrec-signature') },
      this.member.gatekeeper,
      this.member.gatekeeperKey,
    );
    if (!signed) throw new GatekeeperProblem('untrue', 'the answer is not signed by this provider');
    if (!answer.ok) {
      throw new GatekeeperProblem(answer.status === 403 || answer.status === 404 ? 'refused' : 'other', text(body));
    }
    const sent = text(body);
    return { body: JSON.parse(sent) as T, text: sent, date: Number(date) };
  }

  /** Asks for an answer that is sealed to a key of this page, and verifies both signatures. Gives the text as it was signed. */
  async getSealed(address: string, session: Session): Promise<string> {
    const [{ replyKey }, { publicKey }] = await Promise.all([import('../protocol/sealed'), import('./chain')]);
    const key = await replyKey();
    const target = key.target(address);
    const { body } = await this.get<SealedBody>(target, session);
    const { genesis, member } = this;
    const about = { genesis, member: member.number, target, status: 200 };
    const envelope = await key.open(body, { ...about, asker: publicKey(session.account) }).catch(() => {
      throw new GatekeeperProblem('untrue', 'the answer does not open');
    });
    const signed = isSigned(
      { ...about, asker: session.account, body: utf8(envelope.body) },
      { date: String(envelope.date), signature: envelope.signature },
      member.gatekeeper,
      member.gatekeeperKey,
    );
    if (!signed) throw new GatekeeperProblem('untrue', 'the answer is not signed by this provider');
    return envelope.body;
  }

  /** The digests of the definitions that it serves. Public, and not signed: each text proves itself. */
  async definitions(): Promise<string[]> {
    const answer = await this.ask('/research/definitions', {});
    if (answer.status === 404) return [];
    if (!answer.ok) throw new GatekeeperProblem('unreachable', `status ${answer.status}`);
    return ((await answer.json()) as { definitions: { digest: string }[] }).definitions.map(({ digest }) => `0x${digest}`);
  }

  /** The definition of a planned table, by its digest, which proves it. Public. */
  async definition(digest: string): Promise<string> {
    const answer = await this.ask(`/research/definitions/${digest.replace(/^0x/, '')}`, {});
    if (!answer.ok) throw new GatekeeperProblem(answer.status === 404 ? 'refused' : 'unreachable', `status ${answer.status}`);
    return await answer.text();
  }

  /** The kinds of records that it has. Public, and not signed. */
  async types(): Promise<string[]> {
    const answer = await this.ask('/fhir/metadata', {});
    if (!answer.ok) throw new GatekeeperProblem('unreachable', `status ${answer.status}`);
    const found = (await answer.json()) as fhir4.CapabilityStatement;
    return (found.rest?.[0]?.resource ?? []).map((resource) => resource.type);
  }

  /** All records of one type, page by page. */
  async search(session: Session, relationship: string, type: string): Promise<{ body: fhir4.FhirResource[]; date: number }> {
    const found: fhir4.FhirResource[] = [];
    let target: string | undefined = `/fhir/${type}?patient=${relationship}&_count=200`;
    let date = 0;
    // More pages than any patient has are a gatekeeper's fault.
    for (let page = 0; target && page < 50; page += 1) {
      const answer: Answer<fhir4.Bundle> = await this.get<fhir4.Bundle>(target, session);
      date = answer.date;
      for (const { resource } of answer.body.entry ?? []) if (resource) found.push(resource);
      const next = answer.body.link?.find(({ relation }) => relation === 'next')?.url;
      target = next?.startsWith(`${this.member.url}/fhir/`) ? next.slice(this.member.url.length) : undefined;
    }
    return { body: found, date };
  }

  /** Makes a share link. It shows nothing until its account is granted something on chain. */
  makeLink(session: Session, wish: LinkWish & { patient: string }): Promise<{ account: string; link: string }> {
    return this.post('/links', wish, PATIENCE_MS, session);
  }

  /** Who asked for a patient's records, newest first. */
  async log(session: Session, relationship: string): Promise<LogEntry[]> {
    const all: LogEntry[] = [];
    for (let after: number | undefined, page = 0; page < 100; page += 1) {
      const target = `/log?patient=${relationship}${after === undefined ? '' : `&after=${after}`}`;
      const { body } = await this.get<{ entries: LogEntry[] }>(target, session);
      all.push(...body.entries);
      const last = body.entries.at(-1);
      if (!last || body.entries.length < 500) break;
      after = last.number;
    }
    return all.reverse();
  }
}
