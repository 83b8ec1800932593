-- A hospital's system of the eighties, as it stands in many cellars: short names, dates and times as text in columns of their
-- own, one table of lists for all codes, and rows that are cancelled by a letter instead of deleted. On SQLite.

CREATE TABLE T_PAT (
    PNR    TEXT PRIMARY KEY,                  -- record number
    NN     TEXT,                              -- family name
    VN     TEXT,                              -- given names, with blanks between
    GD     TEXT,                              -- birth date, DD.MM.YYYY, in old rows YYYYMMDD
    GS     TEXT,                              -- list SEX
    TF     TEXT,                              -- telephone
    STO    TEXT                               -- X: cancelled
);

-- All lists of the house: what a code means, and what it is elsewhere if anybody knows.
CREATE TABLE T_LIST (
    LST    TEXT NOT NULL,                     -- name of the list
    CD     TEXT NOT NULL,                     -- code
    TX     TEXT NOT NULL,                     -- meaning
    XS     TEXT,                              -- L: LOINC, S: SNOMED CT, I: ICD-10, A: ATC
    XC     TEXT,                              -- the code there
    VT     TEXT,                              -- 1: sensitive, mental health; 2: sensitive, HIV; 3: sensitive, substance use
    PRIMARY KEY (LST, CD)
);

CREATE TABLE T_FALL (
    FNR    INTEGER PRIMARY KEY,               -- number of the stay
    PNR    TEXT NOT NULL,
    ART    TEXT,                              -- S: in-patient, A: out-patient, N: emergency
    AD     TEXT,                              -- admitted, YYYYMMDD
    AZ     TEXT,                              -- at HHMM
    ED     TEXT,                              -- discharged, YYYYMMDD
    EZ     TEXT,
    STA    TEXT,                              -- list of wards: WARD
    STO    TEXT
);
CREATE INDEX I_FALL_PNR ON T_FALL (PNR);

CREATE TABLE T_LAB (
    LNR    INTEGER PRIMARY KEY,
    FNR    INTEGER NOT NULL,                  -- the stay, which knows the patient
    PAR    TEXT NOT NULL,                     -- list LAB
    WERT   TEXT,                              -- such as 7.40 or <5
    ERG    TEXT,                              -- result in words, or a code of the list RES
    EH     TEXT,                              -- unit as printed; list UNIT
    KZ     TEXT,                              -- H, L, HH, LL
    ST     TEXT,                              -- V: preliminary, F: final, K: corrected
    AD     TEXT,                              -- taken, YYYYMMDD
    AZ     TEXT,                              -- at HHMM
    STO    TEXT
);
CREATE INDEX I_LAB_FNR ON T_LAB (FNR);

CREATE TABLE T_DIAG (
    DNR    INTEGER PRIMARY KEY,
    FNR    INTEGER NOT NULL,
    ICD    TEXT,                              -- list ICD
    TX     TEXT,                              -- in words
    SI     TEXT,                              -- G: certain, V: suspected, A: ruled out
    DAT    TEXT,                              -- DD.MM.YYYY
    STO    TEXT
);
CREATE INDEX I_DIAG_FNR ON T_DIAG (FNR);

CREATE TABLE T_VO (
    VNR    INTEGER NOT NULL,
    POS    INTEGER NOT NULL,
    PNR    TEXT NOT NULL,
    MED    TEXT,                              -- list MED, or nothing
    TX     TEXT,                              -- in words
    DOS    TEXT,                              -- such as 1-0-1
    ST     TEXT,                              -- A: active, B: over, X: stopped
    DAT    TEXT,                              -- YYYYMMDD
    PRIMARY KEY (VNR, POS)
);
CREATE INDEX I_VO_PNR ON T_VO (PNR);

CREATE TABLE T_ALG (
    ANR    INTEGER PRIMARY KEY,
    PNR    TEXT NOT NULL,
    TX     TEXT NOT NULL,
    GR     TEXT,                              -- 1: low, 2: high
    STO    TEXT
);
CREATE INDEX I_ALG_PNR ON T_ALG (PNR);

CREATE TABLE T_BRF (
    BNR    INTEGER PRIMARY KEY,
    PNR    TEXT NOT NULL,
    BT     TEXT,                              -- subject
    TX     TEXT,                              -- the letter
    FR     TEXT,                              -- J: may be released
    DAT    TEXT,                              -- YYYYMMDDHHMM
    STO    TEXT
);
CREATE INDEX I_BRF_PNR ON T_BRF (PNR);
