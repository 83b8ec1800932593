/** Who takes part: hospitals and others on the chain, whether they answer, and what they vouched for last. */
import { useEffect, useState } from 'preact/hooks';

import { moment, t, type Key } from '../messages';
import { Title, Waiting } from '../parts/base';
import { Shelves } from '../parts/shelves';
import { INTERVAL } from '../protocol/time';
import type { Member } from '../state/chain';
import { health } from '../state/gatekeeper';
import { chain, connection, members } from '../state/world';

function MemberCard({ member }: { member: Member }) {
  const [up, setUp] = useState<boolean>();
  const [anchored, setAnchored] = useState<number>();
  const serves = member.role === 'Provider' && member.status === 'Active';
  useEffect(() => {
    if (!serves) return;
    void health(member).then(({ ready }) => setUp(ready));
    void chain().then(async (on) => setAnchored(await on.lastAnchor(member.number)), () => undefined);
  }, [member.number]);
  return (
    <li class="card">
      <h2>{member.name}</h2>
      <p class="row">
        <span class="tag">{t(`role.${member.role}` as Key)}</span>
        <span class={member.status === 'Active' ? 'tag good' : 'tag warn'}>{t(`member.${member.status}` as Key)}</span>
        {up !== undefined && <span class={up ? 'tag good' : 'tag warn'}>{t(up ? 'network.up' : 'network.down')}</span>}
      </p>
      {serves && up === undefined && <Waiting>{t('network.asking')}</Waiting>}
      {serves && (
        <p class="small soft">
          {member.url}
          <br />
          {anchored === undefined ? t('network.no-anchor') : t('network.anchor', { when: moment((anchored + 1) * INTERVAL) })}
        </p>
      )}
    </li>
  );
}

/** The page. */
export default function Network() {
  return (
    <>
      <Title lead={t('network.lead')}>{t('network.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      <ul class="plain grid">
        {[...members.value.values()].map((member) => (
          <MemberCard key={member.number} member={member} />
        ))}
      </ul>
    </>
  );
}
