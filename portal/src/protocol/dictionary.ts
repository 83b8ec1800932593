/**
 * The dictionary that terms are packed with, as `medrec-policy` has it. Frozen: what was sealed with it must open for as
 * long as records are kept.
 */

/** The first byte of what is packed with this dictionary. */
export const VERSION = 1;

/** The byte of the first word; the others follow. */
export const FIRST = 0x80;

/** The words, by byte from `FIRST`. */
export const WORDS: readonly string[] = [
  'patient/', ' patient/', '.rs', '.cruds', '?category=', '?code=', '?_security=', '?_elements=', '&code=',
  '&_security=', '&_elements=', ';purpose=', ';period=', ';staff=s', '-01-01', '-12-31', '..20',
  'http://loinc.org|', 'http://snomed.info/sct|', 'http://www.nlm.nih.gov/research/umls/rxnorm|',
  'http://www.whocc.no/atc|', 'http://hl7.org/fhir/sid/', 'icd-10', 'http://hl7.org/fhir/',
  'http://terminology.hl7.org/CodeSystem/', 'observation-category|', 'condition-category|', 'v3-ActCode|',
  'v3-Confidentiality|', 'urn:oid:', 'https://', 'http://', 'AllergyIntolerance', 'Appointment', 'CarePlan',
  'Claim', 'ClinicalImpression', 'Communication', 'Composition', 'Condition', 'Coverage', 'Device',
  'DiagnosticReport', 'DocumentReference', 'Encounter', 'ExplanationOfBenefit', 'FamilyMemberHistory', 'Goal',
  'ImagingStudy', 'Immunization', 'Location', 'Media', 'MedicationAdministration', 'MedicationDispense',
  'MedicationRequest', 'MedicationStatement', 'Medication', 'Observation', 'Organization', 'Patient',
  'Practitioner', 'Procedure', 'QuestionnaireResponse', 'RelatedPerson', 'ServiceRequest', 'Specimen', 'Request',
  'laboratory', 'vital-signs', 'imaging', 'problem-list-item', 'encounter-diagnosis', 'social-history', 'address',
  'authoredOn', 'birthDate', 'bodySite', 'category', 'clinicalStatus', 'code', 'coding', 'component', 'conclusion',
  'content', 'date', 'dosageInstruction', 'effectiveDateTime', 'effectivePeriod', 'encounter', 'gender',
  'identifier', 'intent', 'interpretation', 'issued', 'medicationCodeableConcept', 'medicationReference', 'name',
  'note', 'occurrenceDateTime', 'onsetDateTime', 'performedDateTime', 'performer', 'period', 'presentedForm',
  'reaction', 'reasonCode', 'recordedDate', 'referenceRange', 'result', 'severity', 'status', 'subject', 'telecom',
  'text', 'vaccineCode', 'valueCodeableConcept', 'valueQuantity', 'valueString', 'value', 'verificationStatus',
  'COC', 'FAMRQT', 'HOPERAT', 'HPAYMT', 'HRESCH', 'PATRQT', 'PUBHLTH', 'TREAT',
];
