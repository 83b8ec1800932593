/** Which accounts of the wallet sign for members of the consortium. */
import { useEffect, useState } from 'preact/hooks';

import type { Member } from './chain';
import { accounts } from './wallet';
import { chain, members } from './world';

/** An account that signs for a member. The gatekeeper's own key stays with the gatekeeper. */
export interface Membership {
  member: Member;
  account: string;
}

/** Those of this wallet; nothing until it is known. Looked for again by `look`. */
export function useMemberships(role?: string): { found?: Membership[]; problem: boolean; look: () => void } {
  const [found, setFound] = useState<Membership[]>();
  const [problem, setProblem] = useState(false);
  const look = () => {
    setProblem(false);
    void chain()
      .then(async (on) => {
        const all = await Promise.all(
          accounts.value.map(async ({ address }) => {
            const use = await on.api.query.Registry.Accounts.getValue(address, { at: 'best' });
            const member = use?.[1].type === 'Account' ? members.value.get(use[0]) : undefined;
            return member && { member, account: address };
          }),
        );
        setFound(all.filter((one) => one !== undefined).filter(({ member }) => role === undefined || member.role === role));
      })
      .catch(() => setProblem(true));
  };
  useEffect(look, [accounts.value, members.value]);
  return { found, problem, look };
}
