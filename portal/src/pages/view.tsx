/** For those who read somebody else's records: sign in, see what was shared, ask for more, break the glass. */
import { blake2b } from '@noble/hashes/blake2.js';
import { useEffect, useState } from 'preact/hooks';

import { day, moment, t, type Key } from '../messages';
import { Progress, Say, short, Title, useDoing, Waiting } from '../parts/base';
import { Shield } from '../parts/icons';
import { Proof } from '../parts/proof';
import { save } from '../parts/save';
import { Shelves } from '../parts/shelves';
import { SharedRecord } from '../parts/shared-record';
import { concatBytes, hex, utf8 } from '../protocol/bytes';
import { parseRelationship, relationshipName, type RelationshipId } from '../protocol/relationship';
import { openRequest } from '../protocol/scale';
import { newestFirst, toRecord, type PatientRecord } from '../records/fhir';
import type { Facts, OpenRequest } from '../state/chain';
import { accounts } from '../state/wallet';
import { act, chain, connection, gatekeeper, members, problemOf, session } from '../state/world';

/** Kinds of records, with the message that names each. */
const KINDS: [type: string, name: Key][] = [
  ['Observation', 'view.kind.results'],
  ['MedicationRequest', 'kind.medicines'],
  ['Condition', 'kind.conditions'],
  ['AllergyIntolerance', 'kind.allergies'],
  ['DocumentReference', 'kind.notes'],
  ['Patient', 'kind.person'],
];

/** What a viewer can look for. */
const PURPOSES = ['TREAT', 'FAMRQT', 'HPAYMT', 'HRESCH'] as const;

/** How long a request waits (ms). */
const REQUEST_TERM = 7 * 86_400_000;

/** Reads what was granted of these kinds. Each kind asked for stands in the patient's log, so only what is wanted is asked for. */
async function read(id: RelationshipId, account: string, purpose: string, kinds: string[]): Promise<{ records: PatientRecord[]; date: number }> {
  const member = members.value.get(id.member);
  if (!member) throw new Error(t('view.no-provider'));
  const to = await gatekeeper(member);
  const signedIn = await session(to, account, purpose);
  const name = relationshipName(id);
  // Kinds of which nothing was granted are refused; all refused means that nothing was granted at all.
  const answers = await Promise.allSettled(kinds.map((type) => to.search(signedIn, name, type)));
  const good = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value);
  const failed = answers.filter((answer) => answer.status === 'rejected').map(({ reason }): unknown => reason);
  const serious = failed.find((reason) => problemOf(reason) !== 'refused');
  if (serious !== undefined || good.length === 0) throw serious ?? failed[0];
  const records = good.flatMap(({ body }) => body).map((resource) => toRecord(resource, name));
  return { records: records.sort(newestFirst), date: Math.max(...good.map(({ date }) => date)) };
}

function Ask({ id, account }: { id: RelationshipId; account: string }) {
  const doing = useDoing();
  const [type, setType] = useState('Observation?category=laboratory');
  const [open, setOpen] = useState<OpenRequest[]>([]);
  const look = () => void chain().then((on) => on.requestsOf(account)).then((found) => setOpen(found.filter(({ relationship }) => relationshipName(relationship) === relationshipName(id))));
  useEffect(look, [account, id.member, id.index]);
  const ask = () =>
    doing.run(async (told) => {
      const expires = Date.now() + REQUEST_TERM;
      await act(
        account,
        async (on) => {
          const [{ sealQuestion }, { publicKey }, key] = await Promise.all([import('../protocol/sealing'), import('../state/chain'), on.sealingKey(id.member)]);
          const question = await sealQuestion(`TREAT ${type}`, key, on.genesis, id.member, openRequest(id, publicKey(account), expires));
          return on.api.tx.Access.request({ relationship: id, question: question!, expires: BigInt(expires) });
        },
        'included',
        told,
      );
      look();
    });
  return (
    <section class="card">
      <h2>{t('ask.title')}</h2>
      <p>{t('ask')}</p>
      <label class="field">
        <span>{t('ask.what')}</span>
        <select value={type} onChange={(event) => setType(event.currentTarget.value)}>
          <option value="Observation?category=laboratory">{t('kind.results')}</option>
          <option value="MedicationRequest">{t('kind.medicines')}</option>
          <option value="Condition">{t('kind.conditions')}</option>
          <option value="AllergyIntolerance">{t('kind.allergies')}</option>
        </select>
      </label>
      <button disabled={doing.busy} onClick={() => void ask()}>
        {t('ask.button')}
      </button>
      <Progress doing={doing} />
      {open.length > 0 && (
        <ul>
          {open.map((request) => (
            <li key={`${request.id.index}`}>{t(request.waiting ? 'ask.waiting' : 'ask.ready', { until: day(request.expires) })}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What shows at the review that the reason is the one that was given then. It is nowhere else. */
interface Kept {
  reason: string;
  salt: string;
}

function BreakGlass({ id, account, facts, broken }: { id: RelationshipId; account: string; facts: Facts; broken: (kept: Kept) => void }) {
  const doing = useDoing();
  const [reason, setReason] = useState('');
  if (facts.staff?.role !== 'Emergency') return null;
  const breakIt = () =>
    doing.run(async (told) => {
      const salt = crypto.getRandomValues(new Uint8Array(32));
      const digest = blake2b(concatBytes(utf8('medrec/reason/v1'), salt, utf8(reason.trim())), { dkLen: 32 });
      await act(account, (on) => on.api.tx.Permissions.break_glass({ relationship: id, reason: hex(digest) }), 'final', told);
      broken({ reason: reason.trim(), salt: hex(salt) });
    });
  return (
    <section class="say bad">
      <h2>{t('break.title')}</h2>
      <p>{t('break.warning')}</p>
      <label class="field">
        <span>{t('break.reason')}</span>
        <textarea value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <button disabled={doing.busy || reason.trim().length < 5} onClick={() => void breakIt()}>
        {t('break.button')}
      </button>
      <Progress doing={doing} />
    </section>
  );
}

const ToKeep = ({ name, kept: { reason, salt } }: { name: string; kept: Kept }) => (
  <Say tone="warn">
    <h2>{t('break.keep')}</h2>
    <p>{reason}</p>
    <p>
      <code>{salt}</code>
    </p>
    <button onClick={() => save(`emergency-${name}.txt`, `${reason}\n${salt}\n`, 'text/plain')}>{t('break.save')}</button>
  </Say>
);

/** The page. */
export default function View() {
  const asked = new URLSearchParams(location.hash.split('?')[1] ?? '').get('r') ?? '';
  const [name, setName] = useState(asked);
  const [account, setAccount] = useState(accounts.value[0]?.address ?? '');
  const [purpose, setPurpose] = useState<string>('TREAT');
  const [kinds, setKinds] = useState(['Observation']);
  const [facts, setFacts] = useState<Facts>();
  const [found, setFound] = useState<{ records: PatientRecord[]; date: number; provider: string; account: string; purpose: string }>();
  const [problem, setProblem] = useState<ReturnType<typeof problemOf>>();
  const [busy, setBusy] = useState(false);
  const [kept, setKept] = useState<Kept>();
  const id = parseRelationship(name.trim());
  const look = async (under = purpose) => {
    if (!id) return;
    setBusy(true);
    setProblem(undefined);
    setFound(undefined);
    try {
      const on = await chain();
      setFacts(await on.facts(id, account));
      const provider = members.value.get(id.member)?.name ?? '';
      setFound({ ...(await read(id, account, under, kinds)), provider, account, purpose: under });
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <>
      <Title lead={t('view.lead')}>{t('view.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <label class="field">
          <span>{t('view.number')}</span>
          <input value={name} spellcheck={false} autocomplete="off" placeholder="r0-3" onInput={(event) => setName(event.currentTarget.value)} aria-describedby="number-hint" />
        </label>
        <p id="number-hint" class={name && !id ? 'say bad' : 'small soft'}>
          {t(name && !id ? 'view.number.wrong' : 'view.number.hint')}
        </p>
        <label class="field">
          <span>{t('view.account')}</span>
          <select value={account} onChange={(event) => setAccount(event.currentTarget.value)}>
            {accounts.value.map(({ address, name }) => (
              <option key={address} value={address}>
                {name ? `${name} (${short(address)})` : short(address)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{t('view.purpose')}</span>
          <select value={purpose} onChange={(event) => setPurpose(event.currentTarget.value)}>
            {PURPOSES.map((code) => (
              <option key={code} value={code}>
                {t(`purpose.${code}`)}
              </option>
            ))}
            {facts?.emergency && <option value="ETREAT">{t('purpose.ETREAT')}</option>}
          </select>
        </label>
        <fieldset>
          <legend>{t('view.kinds')}</legend>
          <div class="choices">
            {KINDS.map(([type, name]) => (
              <label class="choice" key={type}>
                <input type="checkbox" checked={kinds.includes(type)} onChange={() => setKinds(kinds.includes(type) ? kinds.filter((other) => other !== type) : [...kinds, type])} />
                <b>{t(name)}</b>
              </label>
            ))}
          </div>
        </fieldset>
        <p class="small soft">{t('view.logged')}</p>
        <button class="main" disabled={!id || kinds.length === 0 || busy || connection.value !== 'ready'}>
          {t('view.button')}
        </button>
      </form>
      <div role="status">
        {busy && <Waiting>{t('view.reading')}</Waiting>}
        {problem && <Say tone="warn">{t(problem === 'refused' ? 'view.refused' : problem === 'cancelled' ? 'problem.cancelled' : problem === 'untrue' ? 'view.untrue' : 'view.unreachable')}</Say>}
        {found && (
          <p class="row">
            <span class="tag good">
              <Shield />
              {t('verified')}
            </span>
            {t('view.found', { n: found.records.length, provider: found.provider, when: moment(found.date) })}
          </p>
        )}
      </div>
      {kept && <ToKeep name={name.trim()} kept={kept} />}
      {found?.records.map((record) => (
        <SharedRecord key={record.key} record={record}>
          <Proof record={record} account={found.account} purpose={found.purpose} />
        </SharedRecord>
      ))}
      {id && facts && !busy && (
        <>
          <Ask id={id} account={account} />
          <BreakGlass
            id={id}
            account={account}
            facts={facts}
            broken={(kept) => {
              setKept(kept);
              setPurpose('ETREAT');
              void look('ETREAT');
            }}
          />
        </>
      )}
    </>
  );
}
