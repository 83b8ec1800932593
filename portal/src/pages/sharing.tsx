/** What is shared with whom, and the way to stop it. */
import { useState } from 'preact/hooks';

import { t } from '../messages';
import { AddressField, useAddress } from '../parts/address';
import { Progress, Title, useDoing } from '../parts/base';
import { counts, noted, untilName, viewerName, whatName } from '../parts/rules';
import { Shelves } from '../parts/shelves';
import type { Rule } from '../state/chain';
import { act, active, connection, rules, type Relationship } from '../state/world';

function RuleCard({ relationship, rule, rest }: { relationship: Relationship; rule: Rule; rest: number }) {
  const doing = useDoing();
  const choice = noted(relationship.name, rule);
  const { id, account, provider } = relationship;
  return (
    <li class="card">
      <h3>{viewerName(rule.viewer)}</h3>
      <p>
        {rule.effect === 'Deny' && <span class="tag bad">{t('rule.denied')}</span>} {choice ? whatName(choice) : t('rule.sealed', { provider })}
      </p>
      <p class="small soft">
        {rule.sealed && choice && `${t(`purpose.${choice.purpose}`)} · `}
        {untilName(rule)}
        {rule.mayShare && ` · ${t('rule.may-share')}`}
        {rule.parent !== undefined && ` · ${t('rule.shared-onward')}`}
      </p>
      <div class="row">
        <button class="stop" disabled={doing.busy} onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Permissions.revoke({ relationship: id, grant: rule.id }), 'included', told))}>
          {t(rule.effect === 'Deny' ? 'rule.undo' : 'rule.stop')}
        </button>
        {rest > 1 && rule.effect === 'Allow' && (
          <button class="stop quiet" disabled={doing.busy} onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Permissions.revoke_all({ relationship: id, viewer: rule.viewer }), 'included', told))}>
            {t('rule.stop-all', { who: viewerName(rule.viewer) })}
          </button>
        )}
      </div>
      <Progress doing={doing} />
    </li>
  );
}

/** Blocks somebody: beats whatever else is shared, with whomever. */
function Block() {
  const doing = useDoing();
  const whom = useAddress();
  const [from, setFrom] = useState('');
  const relationship = active.value.find(({ name }) => name === from) ?? active.value[0];
  if (!relationship) return null;
  const { id, account } = relationship;
  const block = () =>
    doing
      .run((told) =>
        act(
          account,
          (on) =>
            on.api.tx.Permissions.deny({
              relationship: id,
              viewer: { type: 'Key', value: whom.address! },
              terms: { type: 'Everything', value: undefined },
              not_before: undefined,
              not_after: undefined,
            }),
          'included',
          told,
        ),
      )
      .then((done) => done && whom.write(''));
  return (
    <details class="card">
      <summary class="button stop">{t('block.open')}</summary>
      <br />
      <p>{t('block.what')}</p>
      <AddressField of={whom} label={t('share.address')} book />
      {active.value.length > 1 && (
        <label class="field">
          <span>{t('share.from')}</span>
          <select value={relationship.name} onChange={(event) => setFrom(event.currentTarget.value)}>
            {active.value.map(({ name, provider }) => (
              <option key={name} value={name}>
                {provider}
              </option>
            ))}
          </select>
        </label>
      )}
      <button class="stop" disabled={!whom.address || doing.busy} onClick={() => void block()}>
        {t('block.button')}
      </button>
      <Progress doing={doing} />
    </details>
  );
}

/** Everything that is shared. */
export default function Sharing() {
  const now = active.value.map((relationship) => ({ relationship, its: (rules.value[relationship.name] ?? []).filter(counts) }));
  const any = now.some(({ its }) => its.length > 0);
  return (
    <>
      <Title lead={t('sharing.lead')}>{t('sharing.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      <p class="row">
        <a class="button main" href="#/share">
          {t('sharing.new')}
        </a>
        <a class="button" href="#/picture">
          {t('sharing.picture')}
        </a>
      </p>
      {connection.value === 'ready' && !any && (
        <div class="card">
          <h2>{t('sharing.nothing.title')}</h2>
          <p>{t('sharing.nothing')}</p>
        </div>
      )}
      {now
        .filter(({ its }) => its.length > 0)
        .map(({ relationship, its }) => (
          <section key={relationship.name}>
            <h2>{t('sharing.at', { provider: relationship.provider })}</h2>
            <ul class="plain grid">
              {its.map((rule) => (
                <RuleCard
                  key={rule.id}
                  relationship={relationship}
                  rule={rule}
                  rest={its.filter(({ viewer, effect }) => effect === 'Allow' && viewer.type === rule.viewer.type && viewer.value === rule.viewer.value).length}
                />
              ))}
            </ul>
          </section>
        ))}
      <Block />
      <p class="small soft">{t('sharing.seen')}</p>
    </>
  );
}
