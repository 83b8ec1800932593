/** Acting for one another: who may act for the person, for whom the person acts, and what holds in an emergency. */
import { t } from '../../messages';
import { Say, Title, Waiting } from '../../parts/base';
import { useCustody } from '../../parts/custody';
import { Shelves } from '../../parts/shelves';
import { Standing } from '../../parts/standing';
import { connection, relationships, type Relationship } from '../../state/world';
import { Caring } from './cared';
import { Custodians } from './custodians';
import { Emergency } from './emergency';
import { Others } from './others';
import { Silence } from './silence';

function One({ relationship }: { relationship: Relationship }) {
  const { custody, problem, look } = useCustody(relationship.id);
  if (problem) {
    return (
      <Say tone="warn" alert>
        <p>{t('custody.problem', { provider: relationship.provider })}</p>
        <button onClick={look}>{t('again')}</button>
      </Say>
    );
  }
  if (!custody) return <Waiting>{t('custody.reading', { provider: relationship.provider })}</Waiting>;
  if (relationship.acting) return <Caring relationship={relationship} custody={custody} done={look} />;
  return (
    <>
      {custody.rekey?.lost === relationship.account && <Standing relationship={relationship} />}
      <Custodians relationship={relationship} custody={custody} done={look} />
      <Silence relationship={relationship} custody={custody} done={look} />
      <Emergency relationship={relationship} flags={custody.flags} done={look} />
    </>
  );
}

/** The page. */
export default function Care() {
  const open = relationships.value.filter(({ status }) => status === 'Active' || status === 'Suspended');
  return (
    <>
      <Title lead={t('care.lead')}>{t('care.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      {open.map((relationship) => (
        <One key={relationship.name} relationship={relationship} />
      ))}
      {connection.value === 'ready' && <Others />}
    </>
  );
}
