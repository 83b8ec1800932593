/** Rules in words. */
import { lastDay, list, t } from '../messages';
import type { Choice } from '../records/choice';
import type { PatientRecord } from '../records/fhir';
import type { Rule, Viewer } from '../state/chain';
import { groups } from '../state/groups';
import { notes } from '../state/notebook';
import { members } from '../state/world';
import { who } from './base';

/** Whom a rule is about. */
export function viewerName(viewer: Viewer): string {
  switch (viewer.type) {
    case 'Key':
      return who(viewer.value);
    case 'Member':
      return t('viewer.staff', { provider: members.value.get(viewer.value)?.name ?? `${viewer.value}` });
    case 'Group':
      return t('viewer.group', { name: groups.value.get(viewer.value)?.name ?? `${viewer.value}` });
  }
}

/** What a record is called. */
export const recordName = ({ title, type }: PatientRecord): string => title ?? t(type === 'Encounter' ? 'record.visit' : 'record.untitled');

/** What a choice covers. */
export function whatName({ what }: Choice): string {
  switch (what.type) {
    case 'everything':
      return t('what.everything');
    case 'kinds':
      return list(what.kinds.map((kind) => t(`kind.${kind}`)));
    case 'code':
      return what.fields.includes('whole')
        ? t('what.code', { title: what.title })
        : t('what.fields', { title: what.title, fields: list(['name' as const, ...what.fields.filter((field) => field !== 'whole')].map((field) => t(`field.${field}`))) });
  }
}

/** What the notes say that a rule covers. Nothing for sealed rules that were made elsewhere. */
export const noted = (relationship: string, rule: Rule): Choice | undefined =>
  rule.sealed ? notes.value.rules[`${relationship}/${rule.id}`] : { what: { type: 'everything' }, purpose: 'TREAT' };

/** Whether a rule still counts, or will. */
export const counts = (rule: Rule): boolean => rule.notAfter === undefined || rule.notAfter > Date.now();

/** Until when, in words. */
export const untilName = (rule: { notAfter?: number }): string =>
  rule.notAfter === undefined ? t('until.revoked') : t('until', { day: lastDay(rule.notAfter) });

/** Whether a choice covers a record: in part counts. */
export function covers({ what }: Choice, record: PatientRecord): boolean {
  switch (what.type) {
    case 'everything':
      return true;
    case 'kinds':
      return what.kinds.some((kind) => kind === record.kind);
    case 'code':
      return what.resource === record.type && what.code === record.code?.code && (what.system === undefined || what.system === record.code?.system);
  }
}
