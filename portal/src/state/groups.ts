/** Groups of members, such as all emergency rooms of a country. */
import { signal } from '@preact/signals';

import { chain } from './world';

/** A group. */
export interface Group {
  number: number;
  name: string;
  /** The member that keeps it. */
  owner: number;
  /** How many members it has. */
  count: number;
}

/** All groups, by number, once they were asked for. */
export const groups = signal<Map<number, Group>>(new Map());

/** Reads them. */
export async function loadGroups(): Promise<void> {
  const found = await (await chain()).groups();
  groups.value = new Map(found.map((group) => [group.number, group]));
}
