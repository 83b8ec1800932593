-- Hillcrest Clinic: grown since the nineties. Numbers for what others spell out, code tables, times as seconds
-- since 1970, and the patient of a measurement is the one of its episode.

CREATE TABLE PERSON (
    PAT_NO     TEXT PRIMARY KEY,
    SURNAME    TEXT,
    FORENAMES  TEXT,
    DOB        TEXT,                          -- DD.MM.YYYY
    SEX_CD     INTEGER NOT NULL,              -- 0 unknown, 1 male, 2 female, 9 other
    TEL        TEXT,
    TOWN       TEXT
);

CREATE TABLE EPISODE (
    EPISODE_NO INTEGER PRIMARY KEY,
    PAT_NO     TEXT NOT NULL REFERENCES PERSON (PAT_NO),
    KIND_CD    INTEGER NOT NULL,              -- 1 ambulatory, 2 inpatient
    OPENED     INTEGER NOT NULL,
    CLOSED     INTEGER
);
CREATE INDEX EPISODE_PAT ON EPISODE (PAT_NO);

CREATE TABLE UNIT (
    UNIT_ID    INTEGER PRIMARY KEY,
    LABEL      TEXT NOT NULL,
    UCUM       TEXT
);

CREATE TABLE TEST_CATALOGUE (
    TEST_ID    INTEGER PRIMARY KEY,
    LABEL      TEXT NOT NULL,
    LOINC      TEXT,
    GROUP_CD   TEXT NOT NULL,                 -- L laboratory, V vital signs, S survey, X exam, H social history, P procedure
    CONFID     INTEGER NOT NULL DEFAULT 0     -- 0 none, 1 genetic, 2 alcohol and drugs, 3 sex and gender
);

CREATE TABLE MEASUREMENT (
    M_ID       INTEGER PRIMARY KEY,
    EPISODE_NO INTEGER NOT NULL REFERENCES EPISODE (EPISODE_NO),
    TEST_ID    INTEGER NOT NULL REFERENCES TEST_CATALOGUE (TEST_ID),
    NUM_VAL    TEXT,
    UNIT_ID    INTEGER REFERENCES UNIT (UNIT_ID),
    TXT_VAL    TEXT,
    FLAG       TEXT,
    STATE      INTEGER NOT NULL,              -- 1 preliminary, 2 final, 3 cancelled, 8 unknown, 9 wrong
    TAKEN      INTEGER
);
CREATE INDEX MEASUREMENT_EPISODE ON MEASUREMENT (EPISODE_NO);

CREATE TABLE MEASUREMENT_PART (
    M_ID       INTEGER NOT NULL REFERENCES MEASUREMENT (M_ID),
    SEQ        INTEGER NOT NULL,
    LABEL      TEXT NOT NULL,
    NUM_VAL    TEXT,
    UNIT_ID    INTEGER REFERENCES UNIT (UNIT_ID),
    TXT_VAL    TEXT,
    PRIMARY KEY (M_ID, SEQ)
);

CREATE TABLE DOCTOR (
    DOCTOR_ID  INTEGER PRIMARY KEY,
    NAME       TEXT NOT NULL
);

CREATE TABLE DRUG (
    DRUG_ID    INTEGER PRIMARY KEY,
    LABEL      TEXT NOT NULL,
    RXNORM     TEXT
);

CREATE TABLE RX (
    RX_NO      INTEGER NOT NULL,
    LINE       INTEGER NOT NULL,
    PAT_NO     TEXT NOT NULL REFERENCES PERSON (PAT_NO),
    DRUG_ID    INTEGER NOT NULL REFERENCES DRUG (DRUG_ID),
    DOCTOR_ID  INTEGER REFERENCES DOCTOR (DOCTOR_ID),
    DIRECTIONS TEXT,
    STATE      INTEGER NOT NULL,              -- 1 active, 2 completed, 3 stopped, 4 on hold, 5 cancelled, 6 draft, 8 unknown, 9 in error
    ISSUED     INTEGER,
    PRIMARY KEY (RX_NO, LINE)
);
CREATE INDEX RX_PAT ON RX (PAT_NO);

CREATE TABLE PROBLEM (
    PROBLEM_ID INTEGER PRIMARY KEY,
    PAT_NO     TEXT NOT NULL REFERENCES PERSON (PAT_NO),
    SNOMED     TEXT,
    LABEL      TEXT NOT NULL,
    OPEN_YN    TEXT NOT NULL,                 -- Y, N
    SINCE      TEXT                           -- DD.MM.YYYY
);
CREATE INDEX PROBLEM_PAT ON PROBLEM (PAT_NO);

CREATE TABLE ALERT (
    ALERT_ID   INTEGER PRIMARY KEY,
    PAT_NO     TEXT NOT NULL REFERENCES PERSON (PAT_NO),
    LABEL      TEXT NOT NULL,
    RISK       INTEGER,                       -- 1 low, 2 high
    NOTED      INTEGER
);
CREATE INDEX ALERT_PAT ON ALERT (PAT_NO);

CREATE TABLE LETTER (
    LETTER_ID  INTEGER PRIMARY KEY,
    PAT_NO     TEXT NOT NULL REFERENCES PERSON (PAT_NO),
    SUBJECT    TEXT NOT NULL,
    BODY       TEXT NOT NULL,
    RELEASE_YN TEXT,                          -- Y: may be shown; anything else: withheld
    WRITTEN    INTEGER
);
CREATE INDEX LETTER_PAT ON LETTER (PAT_NO);
