/** What those who act for a patient may do, in words. */
import { lastDay, list, t, type Key } from '../messages';

/** Rights by bit, as the chain counts them. */
export const [READ, GRANT, MANAGE] = [1, 2, 4];

/** Acts only after stepping in. */
export const DORMANT = 8;

/** Every right, with the message that names it. */
export const RIGHTS: [bit: number, name: Key][] = [
  [READ, 'care.right.read'],
  [GRANT, 'care.right.grant'],
  [MANAGE, 'care.right.manage'],
];

/** Whether these rights hold that one. */
export const has = (rights: number, right: number): boolean => (rights & right) !== 0;

/** Rights in a row. */
export const rightNames = (rights: number): string => list(RIGHTS.filter(([bit]) => has(rights, bit)).map(([, name]) => t(name)));

/** Until when somebody acts. */
export const termName = (until: number | undefined): string => (until === undefined ? t('care.open-end') : t('care.until', { day: lastDay(until) }));
