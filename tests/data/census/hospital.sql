-- A hospital's database in PostgreSQL: record numbers are numbers, diagnoses belong to visits.
CREATE TABLE persons (
    person_no      BIGINT PRIMARY KEY,
    gender         TEXT NOT NULL,            -- f, m
    date_of_birth  DATE NOT NULL
);

CREATE TABLE visits (
    visit_no       BIGINT PRIMARY KEY,
    person_no      BIGINT NOT NULL,
    begun          TIMESTAMPTZ NOT NULL
);

CREATE TABLE visit_diagnoses (
    line_no        BIGINT PRIMARY KEY,
    visit_no       BIGINT NOT NULL,
    icd10          TEXT NOT NULL
);

CREATE TABLE measurements (
    measurement_no BIGINT PRIMARY KEY,
    person_no      BIGINT NOT NULL,
    loinc          TEXT NOT NULL,
    amount         NUMERIC(12, 4) NOT NULL,
    ucum           TEXT NOT NULL,
    taken_on       DATE NOT NULL
);
