/** FHIR resources as people read them: what it is, when, how much, and by whom. */
import type { Kind } from './choice';

/** Kinds in the timeline. What is of no kind that people can share by name is `other`. */
export type RecordKind = Kind | 'other';

/** A number with what is usual. */
export interface Measured {
  value: number;
  unit: string;
  low?: number;
  high?: number;
  /** HL7's letter: `H`, `L`, `N`, ... */
  flag?: string;
}

/** One record of one provider. */
export interface PatientRecord {
  /** `r0-3/Observation/...`: the same in every visit. */
  key: string;
  relationship: string;
  kind: RecordKind;
  type: string;
  /** What it is called, where the provider says. */
  title?: string;
  /** As the provider wrote it: a day, or a day and time. */
  date?: string;
  measured?: Measured;
  /** What was found or ordered, where it is not a number. */
  text?: string;
  /** Facts by name of a message. */
  details: [name: Detail, text: string][];
  /** The ground on which the provider withholds it. */
  withheld?: string;
  code?: { system?: string; code: string };
}

/** Names of details; each has a message. */
export type Detail = 'status' | 'by' | 'reason' | 'directions' | 'remark' | 'onset' | 'severity' | 'reaction' | 'born' | 'address' | 'number' | 'content';

type Concept = fhir4.CodeableConcept | undefined;

const concept = (found: Concept): string | undefined =>
  found?.text ?? found?.coding?.find(({ display }) => display)?.display ?? found?.coding?.[0]?.code;

const coded = (found: Concept): { system?: string; code: string } | undefined => {
  const coding = found?.coding?.find(({ code }) => code);
  return coding && { system: coding.system, code: coding.code! };
};

const quantity = (found: fhir4.Quantity | undefined): string | undefined =>
  found?.value === undefined ? undefined : `${found.comparator ?? ''}${found.value} ${found.unit ?? found.code ?? ''}`.trim();

function decoded(data: string | undefined, kind: string | undefined): string | undefined {
  if (!data || !kind?.startsWith('text/plain')) return undefined;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(data), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

const GROUND = 'urn:medrec:fhir:withheld-ground';
const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

function withheld(resource: fhir4.FhirResource): string | undefined {
  const extensions = (resource as fhir4.DomainResource).extension ?? [];
  const masked = extensions.some(({ url, valueCode }) => url === ABSENT && valueCode === 'masked');
  return masked ? (extensions.find(({ url }) => url === GROUND)?.valueString ?? '') : undefined;
}

/** A resource as a record of this relationship. */
export function toRecord(resource: fhir4.FhirResource, relationship: string): PatientRecord {
  const details: [Detail, string | undefined][] = [];
  let [kind, title, date, text]: [RecordKind, string | undefined, string | undefined, string | undefined] = ['other', undefined, undefined, undefined];
  let measured: Measured | undefined;
  let code: PatientRecord['code'];
  switch (resource.resourceType) {
    case 'Observation': {
      const categories = resource.category?.flatMap(({ coding }) => coding?.map(({ code }) => code) ?? []) ?? [];
      kind = categories.includes('laboratory') ? 'results' : categories.includes('vital-signs') ? 'vitals' : 'other';
      title = concept(resource.code);
      code = coded(resource.code);
      date = resource.effectiveDateTime ?? resource.effectivePeriod?.start ?? resource.issued;
      const { value, unit, code: ucum, comparator } = resource.valueQuantity ?? {};
      const range = resource.referenceRange?.[0];
      if (value !== undefined && comparator === undefined) {
        const flag = resource.interpretation?.[0]?.coding?.[0]?.code;
        measured = { value, unit: unit ?? ucum ?? '', low: range?.low?.value, high: range?.high?.value, flag };
      }
      const parts = resource.component?.map(({ code, valueQuantity, valueString }) =>
        [concept(code), quantity(valueQuantity) ?? valueString].filter(Boolean).join(': '),
      );
      text = quantity(resource.valueQuantity) ?? resource.valueString ?? concept(resource.valueCodeableConcept) ?? parts?.join('\n');
      details.push(['remark', resource.note?.map(({ text }) => text).join('\n')], ['by', resource.performer?.[0]?.display]);
      if (resource.status && resource.status !== 'final') details.push(['status', resource.status]);
      break;
    }
    case 'MedicationRequest':
      kind = 'medicines';
      title = concept(resource.medicationCodeableConcept);
      code = coded(resource.medicationCodeableConcept);
      date = resource.authoredOn;
      text = resource.dosageInstruction?.map(({ text }) => text).filter(Boolean).join('\n');
      details.push(['status', resource.status], ['by', resource.requester?.display], ['reason', concept(resource.reasonCode?.[0])]);
      break;
    case 'Condition':
      kind = 'conditions';
      title = concept(resource.code);
      code = coded(resource.code);
      date = resource.recordedDate ?? resource.onsetDateTime;
      details.push(['status', concept(resource.clinicalStatus)], ['severity', concept(resource.severity)], ['onset', resource.onsetDateTime]);
      break;
    case 'AllergyIntolerance':
      kind = 'allergies';
      title = concept(resource.code);
      code = coded(resource.code);
      date = resource.recordedDate ?? resource.onsetDateTime;
      details.push(
        ['status', concept(resource.clinicalStatus)],
        ['severity', resource.criticality],
        ['reaction', resource.reaction?.flatMap(({ manifestation }) => manifestation.map(concept)).filter(Boolean).join(', ')],
      );
      break;
    case 'DocumentReference': {
      kind = 'notes';
      const attachment = resource.content?.[0]?.attachment;
      title = concept(resource.type) ?? attachment?.title ?? resource.description;
      date = resource.date;
      details.push(['by', resource.author?.[0]?.display], ['content', decoded(attachment?.data, attachment?.contentType)]);
      break;
    }
    case 'Patient': {
      kind = 'person';
      const name = resource.name?.[0];
      title = name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(' ');
      const address = resource.address?.[0];
      details.push(
        ['born', resource.birthDate],
        ['address', address && [...(address.line ?? []), [address.postalCode, address.city].filter(Boolean).join(' ')].filter(Boolean).join(', ')],
        ['number', resource.identifier?.[0]?.value],
      );
      break;
    }
    case 'Encounter':
      title = concept(resource.type?.[0]) ?? concept(resource.reasonCode?.[0]) ?? resource.class?.display;
      date = resource.period?.start;
      details.push(['reason', concept(resource.reasonCode?.[0])], ['status', resource.status]);
      break;
    case 'Procedure':
      title = concept(resource.code);
      code = coded(resource.code);
      date = resource.performedDateTime ?? resource.performedPeriod?.start;
      details.push(['status', resource.status], ['reason', concept(resource.reasonCode?.[0])], ['by', resource.performer?.[0]?.actor.display]);
      break;
    default:
      title = concept((resource as { code?: fhir4.CodeableConcept }).code);
  }
  return {
    key: `${relationship}/${resource.resourceType}/${resource.id ?? ''}`,
    relationship,
    kind,
    type: resource.resourceType,
    title: title || undefined,
    date,
    measured,
    text: text || undefined,
    details: details.filter((detail): detail is [Detail, string] => Boolean(detail[1])),
    withheld: withheld(resource),
    code,
  };
}

/** Newest first; what has no date comes last. */
export const newestFirst = (a: PatientRecord, b: PatientRecord): number =>
  (b.date ?? '').localeCompare(a.date ?? '') || (a.title ?? '').localeCompare(b.title ?? '');
