/** Sharing: with whom, what, what for, until when; the sentence; then the wallet. */
import { useEffect, useState } from 'preact/hooks';

import { lastDay, list, t } from '../messages';
import { AddressField, useAddress } from '../parts/address';
import { Progress, Say, Title, useDoing } from '../parts/base';
import { Code } from '../parts/code';
import { LinkFields, LinkMade, newLink, useLink } from '../parts/link';
import { recordName, viewerName, whatName } from '../parts/rules';
import { openRule, type OpenViewer } from '../protocol/scale';
import { packTerms } from '../protocol/terms';
import { DAY, fullDay } from '../protocol/time';
import { ALL_KINDS, choiceTerms, PURPOSES, type Choice, type Field, type Kind, type Purpose, type What } from '../records/choice';
import type { Chain, Viewer } from '../state/chain';
import { groups, loadGroups } from '../state/groups';
import { note, notes } from '../state/notebook';
import { act, active, allRecords, chain, members, rules, type Relationship } from '../state/world';

const TIMES = [1, 7, 30, 365] as const;

interface Draft {
  relationship: Relationship;
  viewer: Viewer | 'link';
  choice: Choice;
  until?: number;
  mayShare: boolean;
}

/** Makes the call: seals what is not shared in the open. */
async function grant(on: Chain, { relationship: { id }, choice, until, mayShare }: Draft, viewer: Viewer) {
  const text = choiceTerms(choice);
  const not_after = until === undefined ? undefined : BigInt(until);
  const open = { relationship: id, viewer, not_before: undefined, not_after, may_share: mayShare };
  if (text === undefined) return on.api.tx.Permissions.grant({ ...open, terms: { type: 'Everything', value: undefined } });
  const packed = packTerms(text);
  if (!packed) throw new Error(t('share.too-much'));
  const [{ sealTerms }, { publicKey }, key] = await Promise.all([import('../protocol/sealing'), import('../state/chain'), on.sealingKey(id.member)]);
  const about: OpenViewer = viewer.type === 'Key' ? { type: 'Key', key: publicKey(viewer.value) } : { type: viewer.type, number: viewer.value };
  const rule = openRule({ relationship: id, viewer: about, effect: 'Allow', notAfter: until, mayShare });
  return on.api.tx.Permissions.grant({ ...open, terms: { type: 'Sealed', value: await sealTerms(packed, key, on.genesis, id.member, rule) } });
}

/** The page. */
export default function ShareSomething() {
  const asked = new URLSearchParams(location.hash.split('?')[1] ?? '');
  const record = allRecords.value.find(({ key }) => key === asked.get('record'));
  const [withWhom, setWithWhom] = useState<'person' | 'staff' | 'group' | 'link'>('person');
  const whom = useAddress(asked.get('with') ?? '');
  const link = useLink();
  const [name, setName] = useState('');
  const [member, setMember] = useState('');
  const [group, setGroup] = useState('');
  const [inGroup, setInGroup] = useState<number[]>([]);
  const [from, setFrom] = useState(asked.get('from') ?? '');
  const [type, setType] = useState<What['type']>(record?.code ? 'code' : 'kinds');
  const [kinds, setKinds] = useState<Kind[]>(record && record.kind !== 'other' ? [record.kind] : []);
  const [code, setCode] = useState(record?.code ? record.key : '');
  const [fields, setFields] = useState<Field[]>(['whole']);
  const [purpose, setPurpose] = useState<Purpose>('TREAT');
  const [days, setDays] = useState<number | 'date' | 'revoked'>(30);
  const [date, setDate] = useState('');
  const [mayShare, setMayShare] = useState(false);
  const doing = useDoing();

  const relationship = active.value.find(({ name }) => name === from) ?? active.value[0];
  useEffect(() => {
    if (withWhom === 'group') void loadGroups().catch(() => undefined);
  }, [withWhom]);
  useEffect(() => {
    setInGroup([]);
    if (group !== '') void chain().then((on) => on.groupMembers(Number(group))).then(setInGroup, () => undefined);
  }, [group]);

  const here = allRecords.value.filter((found) => found.relationship === relationship?.name && found.code && found.withheld === undefined);
  const tests = [...new Map(here.map((found) => [`${found.type} ${found.code!.system} ${found.code!.code}`, found])).values()].sort((a, b) => recordName(a).localeCompare(recordName(b)));
  const chosen = tests.find(({ key }) => key === code) ?? tests.find((found) => found.code?.code === record?.code?.code && record !== undefined && code === record.key);

  // A link's account is made with it.
  const viewer: Viewer | 'link' | undefined =
    withWhom === 'link'
      ? link.fits
        ? 'link'
        : undefined
      : withWhom === 'person'
        ? whom.address === undefined
          ? undefined
          : { type: 'Key', value: whom.address }
        : withWhom === 'staff'
          ? member === ''
            ? undefined
            : { type: 'Member', value: Number(member) }
          : group === ''
            ? undefined
            : { type: 'Group', value: Number(group) };
  const what: What | undefined =
    type === 'everything'
      ? { type }
      : type === 'kinds'
        ? kinds.length > 0
          ? { type, kinds }
          : undefined
        : chosen && fields.length > 0
          ? { type, resource: chosen.type, ...chosen.code!, title: recordName(chosen), fields: chosen.type === 'Observation' ? fields : ['whole'] }
          : undefined;
  // To the full day: else the time of signing would show in it, for as long as it stands.
  const until = days === 'revoked' ? undefined : days === 'date' ? (date ? Date.parse(date) + DAY : NaN) : fullDay(Date.now() + days * DAY);
  // A link ends some day.
  const timely = until === undefined ? withWhom !== 'link' : until > Date.now();
  const draft: Draft | undefined = relationship && viewer && what && timely ? { relationship, viewer, choice: { what, purpose }, until, mayShare: mayShare && withWhom !== 'link' } : undefined;

  const share = (draft: Draft) =>
    doing.run(async (told) => {
      const { relationship, choice } = draft;
      const before = new Set((rules.value[relationship.name] ?? []).map(({ id }) => id));
      const viewer: Viewer = draft.viewer === 'link' ? { type: 'Key', value: await newLink(link, draft.relationship, choice.purpose, draft.until!) } : draft.viewer;
      await act(relationship.account, (on) => grant(on, draft, viewer), 'final', told);
      const made = (rules.value[relationship.name] ?? []).find(({ id, viewer: one }) => !before.has(id) && one.value === viewer.value);
      await note((notes) => {
        if (made?.sealed) notes.rules[`${relationship.name}/${made.id}`] = choice;
        const called = draft.viewer === 'link' ? t('link.called', { label: link.label.trim() || relationship.provider }) : name.trim();
        if (viewer.type === 'Key' && called && !notes.people.some(({ address }) => address === viewer.value)) {
          notes.people.push({ name: called, address: viewer.value });
        }
      });
    });

  const who = () => (draft?.viewer === 'link' ? t('link.whoever') : (withWhom === 'person' && name) || (draft && viewerName(draft.viewer)) || '');
  if (doing.step === 'done' && link.made) return <LinkMade of={link} />;
  if (doing.step === 'done' && draft) {
    return (
      <>
        <Title>{t('share.done.title')}</Title>
        <Say tone="good">
          <p>{t('share.done', { who: who() })}</p>
        </Say>
        {withWhom === 'person' && (
          <section class="card">
            <h2>{t('share.tell.title')}</h2>
            <p>{t('share.tell', { relationship: draft.relationship.name })}</p>
            <p>
              <code>{`${location.origin}${location.pathname}#/view?r=${draft.relationship.name}`}</code>
            </p>
            <Code text={`${location.origin}${location.pathname}#/view?r=${draft.relationship.name}`} label={t('share.code.label')} />
          </section>
        )}
        <a class="button main" href="#/sharing">
          {t('share.back')}
        </a>
      </>
    );
  }
  const radio = <T extends string>(group: string, value: T, current: T, set: (value: T) => void, title: string, hint?: string) => (
    <label class="choice" key={value}>
      <input type="radio" name={group} checked={current === value} onChange={() => set(value)} />
      <span>
        <b>{title}</b>
        {hint && <span class="small soft">{hint}</span>}
      </span>
    </label>
  );
  const toggle = <T extends string>(list: T[], item: T): T[] => (list.includes(item) ? list.filter((other) => other !== item) : [...list, item]);
  return (
    <>
      <Title lead={t('share.lead')}>{t('share.title')}</Title>
      {!relationship && <Say>{t('share.no-provider')}</Say>}
      {relationship && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (draft) void share(draft);
          }}
        >
          <fieldset class="card">
            <legend>{t('share.who')}</legend>
            <div class="choices">
              {radio('who', 'person', withWhom, setWithWhom, t('share.who.person'), t('share.who.person.hint'))}
              {radio('who', 'staff', withWhom, setWithWhom, t('share.who.staff'), t('share.who.staff.hint'))}
              {radio('who', 'group', withWhom, setWithWhom, t('share.who.group'), t('share.who.group.hint'))}
              {radio('who', 'link', withWhom, setWithWhom, t('link.who'), t('link.who.hint'))}
            </div>
            <br />
            {withWhom === 'person' && (
              <>
                <AddressField of={whom} label={t('share.address')} hint={t('share.address.hint')} book />
                {whom.address && !notes.value.people.some(({ address }) => address === whom.address) && (
                  <label class="field">
                    <span>{t('share.name')}</span>
                    <input value={name} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
                  </label>
                )}
              </>
            )}
            {withWhom === 'staff' && (
              <label class="field">
                <span>{t('share.member')}</span>
                <select value={member} onChange={(event) => setMember(event.currentTarget.value)}>
                  <option value="">{t('share.member.choose')}</option>
                  {[...members.value.values()]
                    .filter(({ role, status }) => role === 'Provider' && status === 'Active')
                    .map(({ number, name }) => (
                      <option key={number} value={number}>
                        {name}
                      </option>
                    ))}
                </select>
              </label>
            )}
            {withWhom === 'link' && <LinkFields of={link} />}
            {withWhom === 'group' && groups.value.size === 0 && <Say>{t('share.group.none')}</Say>}
            {withWhom === 'group' && groups.value.size > 0 && (
              <>
                <label class="field">
                  <span>{t('share.group')}</span>
                  <select value={group} onChange={(event) => setGroup(event.currentTarget.value)}>
                    <option value="">{t('share.group.choose')}</option>
                    {[...groups.value.values()].map(({ number, name }) => (
                      <option key={number} value={number}>
                        {name}
                      </option>
                    ))}
                  </select>
                </label>
                <p class="small soft">{t('share.group.later')}</p>
                {inGroup.length > 0 && <p class="small soft">{t('share.group.members', { names: list(inGroup.map((number) => members.value.get(number)?.name ?? `${number}`)) })}</p>}
              </>
            )}
          </fieldset>
          {active.value.length > 1 && (
            <fieldset class="card">
              <legend>{t('share.from')}</legend>
              <div class="choices">{active.value.map((one) => radio('from', one.name, relationship.name, setFrom, one.provider))}</div>
            </fieldset>
          )}
          <fieldset class="card">
            <legend>{t('share.what')}</legend>
            <div class="choices">
              {radio('what', 'kinds', type, setType, t('share.what.kinds'))}
              {radio('what', 'code', type, setType, t('share.what.code'))}
              {radio('what', 'everything', type, setType, t('share.what.everything'))}
            </div>
            <br />
            {type === 'kinds' && (
              <div class="choices" role="group" aria-label={t('share.what.kinds')}>
                {ALL_KINDS.map((kind) => (
                  <label class="choice" key={kind}>
                    <input type="checkbox" checked={kinds.includes(kind)} onChange={() => setKinds(toggle(kinds, kind))} />
                    <b>{t(`kind.${kind}`)}</b>
                  </label>
                ))}
              </div>
            )}
            {type === 'code' && tests.length === 0 && <p>{t('share.code.closed')}</p>}
            {type === 'code' && tests.length > 0 && (
              <>
                <label class="field">
                  <span>{t('share.code')}</span>
                  <select value={chosen?.key ?? ''} onChange={(event) => setCode(event.currentTarget.value)}>
                    <option value="">{t('share.code.choose')}</option>
                    {tests.map((found) => (
                      <option key={found.key} value={found.key}>
                        {recordName(found)}
                      </option>
                    ))}
                  </select>
                </label>
                {chosen?.type === 'Observation' && (
                  <fieldset>
                    <legend>{t('share.fields')}</legend>
                    <div class="choices">
                      <label class="choice">
                        <input type="checkbox" checked={fields.includes('whole')} onChange={() => setFields(fields.includes('whole') ? ['value'] : ['whole'])} />
                        <b>{t('field.whole')}</b>
                      </label>
                      {(['value', 'date', 'range'] as const).map((field) => (
                        <label class="choice" key={field}>
                          <input type="checkbox" checked={fields.includes(field)} onChange={() => setFields(toggle(fields, field).filter((other) => other !== 'whole'))} />
                          <b>{t(`field.${field}`)}</b>
                        </label>
                      ))}
                    </div>
                  </fieldset>
                )}
              </>
            )}
            {type === 'everything' && <Say tone="warn">{t('share.everything.warning')}</Say>}
          </fieldset>
          {type !== 'everything' && (
            <fieldset class="card">
              <legend>{t('share.purpose')}</legend>
              <div class="choices">{PURPOSES.map((one) => radio('purpose', one, purpose, setPurpose, t(`purpose.${one}`)))}</div>
            </fieldset>
          )}
          <fieldset class="card">
            <legend>{t('share.until')}</legend>
            <div class="choices">
              {TIMES.map((time) => radio('until', String(time), String(days), () => setDays(time), t(`share.until.${time}`)))}
              {radio('until', 'date', String(days), () => setDays('date'), t('share.until.date'))}
              {withWhom !== 'link' && radio('until', 'revoked', String(days), () => setDays('revoked'), t('share.until.revoked'))}
            </div>
            {days === 'date' && (
              <>
                <br />
                <label class="field">
                  <span>{t('share.until.last')}</span>
                  <input type="date" value={date} onInput={(event) => setDate(event.currentTarget.value)} />
                </label>
              </>
            )}
            {withWhom !== 'link' && (
              <>
                <br />
                <label class="choice">
                  <input type="checkbox" checked={mayShare} onChange={() => setMayShare(!mayShare)} />
                  <span>
                    <b>{t('share.onward')}</b>
                    <span class="small soft">{t('share.onward.hint')}</span>
                  </span>
                </label>
              </>
            )}
          </fieldset>
          <section class="card" aria-live="polite">
            <h2>{t('share.sentence')}</h2>
            {draft ? (
              <p class="sentence">
                {t(draft.until === undefined ? 'sentence.open' : 'sentence', {
                  who: who(),
                  what: whatName(draft.choice),
                  provider: relationship.provider,
                  purpose: type === 'everything' ? t('purpose.any') : t(`purpose.${purpose}`),
                  until: draft.until === undefined ? '' : lastDay(draft.until),
                })}
              </p>
            ) : (
              <p class="soft">{t('share.incomplete')}</p>
            )}
            <p class="small soft">{t(type === 'everything' ? 'share.open-terms' : 'share.sealed-terms', { provider: relationship.provider })}</p>
            <div class="row">
              <button class="main" type="submit" disabled={!draft || doing.busy}>
                {t('share.sign')}
              </button>
              <a class="button" href="#/sharing">
                {t('cancel')}
              </a>
            </div>
            <Progress doing={doing} />
          </section>
        </form>
      )}
    </>
  );
}

// The chain is wanted when the person is done choosing.
void chain().catch(() => undefined);
