/** Which accounts of the wallet sign for members of the consortium. */
import { useEffect, useState } from 'preact/hooks';

import type { Chain, Member } from './chain';
import { accounts } from './wallet';
import { chain, members } from './world';

/** An account that signs for a member, or works there. The gatekeeper's own key stays with the gatekeeper. */
export interface Membership {
  member: Member;
  account: string;
}

/** Those of this wallet; nothing until it is known. Looked for again by `look`. */
export interface Search {
  found?: Membership[];
  problem: boolean;
  look: () => void;
}

/** Looks for some of them, whenever the wallet's accounts or the members have changed. */
export function useSearch(search: (on: Chain) => Promise<Membership[]>): Search {
  const [found, setFound] = useState<Membership[]>();
  const [problem, setProblem] = useState(false);
  const look = () => {
    setProblem(false);
    void chain()
      .then(search)
      .then(setFound)
      .catch(() => setProblem(true));
  };
  useEffect(look, [accounts.value, members.value]);
  return { found, problem, look };
}

/** Accounts that sign for a member, of this role if one is said. */
export const useMemberships = (role?: string): Search =>
  useSearch(async (on) => {
    const all = await Promise.all(
      accounts.value.map(async ({ address }) => {
        const use = await on.api.query.Registry.Accounts.getValue(address, { at: 'best' });
        const member = use?.[1].type === 'Account' ? members.value.get(use[0]) : undefined;
        return member && { member, account: address };
      }),
    );
    return all.filter((one) => one !== undefined).filter(({ member }) => role === undefined || member.role === role);
  });
