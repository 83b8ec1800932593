/** What a motion would do, in words. */
import { list, t, type Key } from '../messages';
import { relationshipName, type RelationshipId } from '../protocol/relationship';
import type { Decoded } from '../state/council';
import { groups } from '../state/groups';
import { members } from '../state/world';
import { who } from './base';

interface Arguments {
  member: number;
  group: number;
  study: number;
  claim: number;
  upheld: boolean;
  key: string;
  who: { value: string };
  remove: { value: string };
  add: { value: string };
  members: string[];
  glasses: RelationshipId[];
  outcome: { type: string };
  call_hash: string;
  after: number;
  call: Decoded;
  full_name: [unknown, unknown];
}

const memberName = (number: number): string => members.value.get(number)?.name ?? `${number}`;
const groupName = (number: number): string => groups.value.get(number)?.name ?? `${number}`;
const text = (bytes: unknown): string => (bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : String(bytes));

/** Glasses as people write them: `g1-0`. */
const glassName = (id: RelationshipId): string => relationshipName(id).replace('r', 'g');

/** The calls that the consortium has words for, and what stands in these. */
const WORDS: Record<string, [key: Key, values: (given: Arguments) => Record<string, string | number>]> = {
  'Registry.admit': ['motion.admit', ({ member }) => ({ who: memberName(member) })],
  'Registry.suspend': ['motion.suspend', ({ member }) => ({ who: memberName(member) })],
  'Registry.reinstate': ['motion.reinstate', ({ member }) => ({ who: memberName(member) })],
  'Registry.remove': ['motion.remove', ({ member }) => ({ who: memberName(member) })],
  'Registry.add_to_group': ['motion.group.add', ({ member, group }) => ({ who: memberName(member), group: groupName(group) })],
  'Registry.remove_from_group': ['motion.group.remove', ({ member, group }) => ({ who: memberName(member), group: groupName(group) })],
  'Registry.dissolve_group': ['motion.group.dissolve', ({ group }) => ({ group: groupName(group) })],
  'CouncilMembership.add_member': ['motion.seat.add', ({ who: { value } }) => ({ who: who(value) })],
  'CouncilMembership.remove_member': ['motion.seat.remove', ({ who: { value } }) => ({ who: who(value) })],
  'CouncilMembership.swap_member': ['motion.seat.swap', ({ remove, add }) => ({ who: who(remove.value), other: who(add.value) })],
  'CouncilMembership.reset_members': ['motion.seat.reset', ({ members }) => ({ who: list(members.map(who)) })],
  'CouncilMembership.set_prime': ['motion.seat.prime', ({ who: { value } }) => ({ who: who(value) })],
  'Research.approve_study': ['motion.study.approve', ({ study }) => ({ study })],
  'Research.end_study': ['motion.study.end', ({ study }) => ({ study })],
  'Research.approve_collator': ['motion.collator.approve', ({ key }) => ({ who: who(key) })],
  'Research.remove_collator': ['motion.collator.remove', ({ key }) => ({ who: who(key) })],
  'Whitelist.whitelist_call': ['motion.whitelist', ({ call_hash }) => ({ hash: call_hash })],
  'Scheduler.cancel': ['motion.cancel', () => ({})],
  'TxPause.pause': ['motion.pause', ({ full_name }) => ({ call: full_name.map(text).join('.') })],
  'TxPause.unpause': ['motion.unpause', ({ full_name }) => ({ call: full_name.map(text).join('.') })],
};

/** The sentence of a motion. What has no words of its own is named as the runtime names it. */
export function motionName(call: Decoded | undefined): string {
  if (!call) return t('motion.unknown');
  const name = `${call.type}.${call.value.type}`;
  const given = call.value.value as Arguments;
  if (name === 'Permissions.review_glass') {
    return t(given.outcome.type === 'Justified' ? 'motion.justified' : 'motion.unjustified', { glasses: list(given.glasses.map(glassName)) });
  }
  if (name === 'Research.resolve') return t(given.upheld ? 'motion.upheld' : 'motion.dismissed', { claim: given.claim });
  if (name === 'Scheduler.schedule_after') return t('motion.schedule', { n: given.after, call: `${given.call.type}.${given.call.value.type}` });
  const words = WORDS[name];
  return words ? t(words[0], words[1](given)) : t('motion.other', { call: name });
}

/** All that stands in a call, for those who want to compare. */
export const motionDetails = (call: Decoded): string =>
  JSON.stringify(call, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value instanceof Uint8Array ? text(value) : value), 2);
