/** Redeeming a ticket, whatever it was issued for, and what comes after. */
import { enrolmentText, type Ticket } from '../protocol/ticket';
import type { Member, Step } from './chain';
import { custodyOf, pendingAt } from './custody';
import { Gatekeeper } from './gatekeeper';
import { signText } from './wallet';
import { act, chain, refresh, relationships } from './world';

/** How a ticket was used: a connection accepted; the provider's word on a lost key; the key that goes on after a veto. */
export type Redeemed = 'accepted' | 'waiting' | 'goes-on';

/** How long a proposal may take to be seen on the chain (s). */
const PATIENCE = 30;

/** Redeems a ticket by `account`. Nothing where the chain does not say yet what the gatekeeper said. */
export async function redeem({ ticket, member }: { ticket: Ticket; member: Member }, account: string, told: (step: Step) => void): Promise<Redeemed | undefined> {
  const on = await chain();
  told('signing');
  const signature = await signText(account, enrolmentText(ticket, account));
  told('sent');
  const { stage } = await new Gatekeeper(member, on.genesis).enrol(ticket.secret, account, signature);
  const here = () => relationships.value.find((found) => found.account === account);
  const known = async () => (stage === 'waiting' ? (await pendingAt(on, account)) !== undefined : here() !== undefined);
  await refresh();
  // What the gatekeeper has asked the chain for may be a block away.
  for (let tries = 0; tries < PATIENCE && !(await known()); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await refresh();
  }
  if (stage === 'waiting') {
    await refresh();
    return 'waiting';
  }
  const relationship = here();
  if (!relationship) return undefined;
  // Whoever was proofed after a veto has nothing to accept, and resumes.
  const custody = await custodyOf(on, relationship.id);
  if (!custody?.unanswered) return 'goes-on';
  await act(account, (on) => on.api.tx.Relationships.accept({ relationship: relationship.id }), 'final', told);
  return 'accepted';
}
