/** A lost key: a fresh one takes its place, in steps that nobody can hurry; and the veto of whoever has lost none. */
import { useEffect, useState } from 'preact/hooks';

import { t } from '../../messages';
import { Say, Title } from '../../parts/base';
import { Shelves } from '../../parts/shelves';
import { relationshipName, type RelationshipId } from '../../protocol/relationship';
import { pendingAt } from '../../state/custody';
import { accounts } from '../../state/wallet';
import { chain, connection, members, relationships } from '../../state/world';
import { Custodian } from './custodian';
import { Redeem } from './redeem';
import { Underway } from './underway';

/** A relationship that somebody here has a part in, or is to have. */
interface Part {
  id: RelationshipId;
  provider: string;
  accounts: string[];
}

/** The page. */
export default function Recover() {
  const [pending, setPending] = useState<Part[]>([]);
  useEffect(() => {
    // A key that is to follow a lost one has no part in the relationship yet.
    void chain().then(async (on) => {
      const found = await Promise.all(accounts.value.map(async ({ address }) => ({ address, id: await pendingAt(on, address) })));
      setPending(found.flatMap(({ address, id }) => (id ? [{ id, provider: members.value.get(id.member)?.name ?? '', accounts: [address] }] : [])));
    }, () => undefined);
  }, [accounts.value, relationships.value]);
  const parts = new Map<string, Part>();
  for (const part of [...relationships.value.map(({ id, provider, account }) => ({ id, provider, accounts: [account] })), ...pending]) {
    const name = relationshipName(part.id);
    const known = parts.get(name);
    parts.set(name, known ? { ...known, accounts: [...known.accounts, ...part.accounts] } : part);
  }
  return (
    <>
      <Title lead={t('recover.lead')}>{t('recover.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      {[...parts].map(([name, part]) => (
        <Underway key={name} {...part} />
      ))}
      {connection.value === 'ready' && (
        <>
          <Redeem />
          <Custodian />
          <Say>
            <h2>{t('recover.how')}</h2>
            <ul>
              <li>{t('recover.how.provider')}</li>
              <li>{t('recover.how.custodian')}</li>
              <li>{t('recover.how.week')}</li>
              <li>{t('recover.how.keeps')}</li>
            </ul>
          </Say>
        </>
      )}
    </>
  );
}
