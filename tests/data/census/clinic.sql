-- A clinic's database in SQLite: record numbers are text.
CREATE TABLE patient (
    mrn   TEXT PRIMARY KEY,
    sex   TEXT NOT NULL,                     -- F, M
    dob   TEXT NOT NULL                      -- 1980-12-31
);

CREATE TABLE problem (
    id    INTEGER PRIMARY KEY,
    mrn   TEXT NOT NULL,
    icd10 TEXT NOT NULL,
    noted TEXT NOT NULL
);

CREATE TABLE lab (
    id    INTEGER PRIMARY KEY,
    mrn   TEXT NOT NULL,
    loinc TEXT NOT NULL,
    value TEXT NOT NULL,
    unit  TEXT NOT NULL,
    taken TEXT NOT NULL
);
