/** What those who act for a patient may do, in words. */
import { lastDay, list, t, type Key } from '../messages';

/** Rights by bit, as the chain counts them. */
export const [READ, GRANT, MANAGE] = [1, 2, 4];

/** Acts only after stepping in. */
export const DORMANT = 8;

/** Every right, with the message that names it to the patient, and to whoever acts for one. */
export const RIGHTS: [bit: number, patient: Key, custodian: Key][] = [
  [READ, 'care.right.read', 'cared.right.read'],
  [GRANT, 'care.right.grant', 'cared.right.grant'],
  [MANAGE, 'care.right.manage', 'cared.right.manage'],
];

/** Whether these rights hold that one. */
export const has = (rights: number, right: number): boolean => (rights & right) !== 0;

/** Rights in a row, as they are told to the patient, or to whoever acts for one. */
export const rightNames = (rights: number, to: 'patient' | 'custodian'): string =>
  list(RIGHTS.filter(([bit]) => has(rights, bit)).map(([, patient, custodian]) => t(to === 'patient' ? patient : custodian)));

/** Until when somebody acts. */
export const termName = (until: number | undefined): string => (until === undefined ? t('care.open-end') : t('care.until', { day: lastDay(until) }));
