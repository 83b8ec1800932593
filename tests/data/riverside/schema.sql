-- Riverside General: one table per kind of record, the record number in each of them.

CREATE TABLE patients (
    mrn           TEXT PRIMARY KEY,
    family_name   TEXT,
    given_name    TEXT,
    middle_name   TEXT,
    birth_date    TEXT,                       -- YYYY-MM-DD
    sex           TEXT NOT NULL,              -- M, F, O, U
    phone         TEXT,
    street        TEXT,
    city          TEXT,
    postal_code   TEXT,
    country       TEXT,
    deceased      INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE lab_results (
    result_id     INTEGER PRIMARY KEY,
    mrn           TEXT NOT NULL REFERENCES patients (mrn),
    code_system   TEXT NOT NULL,              -- LN, SCT, L (our own)
    test_code     TEXT,
    test_name     TEXT NOT NULL,
    value_type    TEXT,                       -- NM number, ST text, CE coded; NULL: none yet
    value         TEXT,
    unit          TEXT,
    unit_ucum     TEXT,
    reference_low TEXT,
    reference_high TEXT,
    flag          TEXT,                       -- H, L, N, A, ...
    status        TEXT NOT NULL,              -- F final, P preliminary, X cancelled, W wrong, U unknown
    sensitivity   TEXT NOT NULL DEFAULT 'N',  -- N none, G genetic
    taken_at      TEXT,
    remark        TEXT
);
CREATE INDEX lab_results_mrn ON lab_results (mrn);

CREATE TABLE vital_signs (
    vital_id      INTEGER PRIMARY KEY,
    mrn           TEXT NOT NULL REFERENCES patients (mrn),
    loinc         TEXT NOT NULL,
    name          TEXT NOT NULL,
    value         TEXT,
    unit          TEXT,
    unit_ucum     TEXT,
    systolic      TEXT,                       -- blood pressures, mm Hg
    diastolic     TEXT,
    status        TEXT NOT NULL,
    taken_at      TEXT,
    remark        TEXT
);
CREATE INDEX vital_signs_mrn ON vital_signs (mrn);

CREATE TABLE assessments (
    assessment_id INTEGER PRIMARY KEY,
    mrn           TEXT NOT NULL REFERENCES patients (mrn),
    kind          TEXT NOT NULL,              -- survey, exam, social-history, procedure
    code_system   TEXT NOT NULL,
    code          TEXT,
    name          TEXT NOT NULL,
    result        TEXT,
    status        TEXT NOT NULL,
    sensitivity   TEXT NOT NULL DEFAULT 'N',  -- N none, A alcohol and drugs, X sex and gender
    assessed_at   TEXT
);
CREATE INDEX assessments_mrn ON assessments (mrn);

CREATE TABLE assessment_items (
    assessment_id INTEGER NOT NULL REFERENCES assessments (assessment_id),
    line_no       INTEGER NOT NULL,
    name          TEXT NOT NULL,
    answer        TEXT,
    PRIMARY KEY (assessment_id, line_no)
);

CREATE TABLE prescriptions (
    prescription_id INTEGER PRIMARY KEY,
    mrn           TEXT NOT NULL REFERENCES patients (mrn),
    drug_name     TEXT NOT NULL,
    code_system   TEXT,                       -- SCT, RX, NDC
    drug_code     TEXT,
    directions    TEXT,
    reason        TEXT,
    status        TEXT NOT NULL,              -- A active, C completed, S stopped, H on hold, X cancelled, D draft, E in error, U unknown
    prescribed_on TEXT,
    prescriber    TEXT
);
CREATE INDEX prescriptions_mrn ON prescriptions (mrn);

CREATE TABLE diagnoses (
    diagnosis_id  INTEGER PRIMARY KEY,
    mrn           TEXT NOT NULL REFERENCES patients (mrn),
    snomed        TEXT,
    description   TEXT NOT NULL,
    severity      TEXT,
    clinical_status TEXT NOT NULL,            -- active, resolved, ...
    onset_date    TEXT,
    recorded_on   TEXT
);
CREATE INDEX diagnoses_mrn ON diagnoses (mrn);

CREATE TABLE allergies (
    allergy_id    INTEGER PRIMARY KEY,
    mrn           TEXT NOT NULL REFERENCES patients (mrn),
    category      TEXT,                       -- food, medication, environment
    substance     TEXT NOT NULL,
    criticality   TEXT,                       -- high, low
    clinical_status TEXT NOT NULL,
    reaction      TEXT,
    recorded_at   TEXT
);
CREATE INDEX allergies_mrn ON allergies (mrn);

CREATE TABLE clinical_notes (
    note_id       INTEGER PRIMARY KEY,
    mrn           TEXT NOT NULL REFERENCES patients (mrn),
    note_type     TEXT NOT NULL,              -- VISIT, IMPRESSION, PROCEDURE, PSYCH
    title         TEXT NOT NULL,
    body          TEXT NOT NULL,
    author        TEXT,
    written_at    TEXT
);
CREATE INDEX clinical_notes_mrn ON clinical_notes (mrn);
