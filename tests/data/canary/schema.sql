-- A practice whose every value is unmistakable: whatever of it turns up where it should not is a leak.

CREATE TABLE person (
    file_no       TEXT PRIMARY KEY,
    surname       TEXT NOT NULL,
    forename      TEXT NOT NULL,
    born          TEXT NOT NULL,
    sex           TEXT NOT NULL
);

CREATE TABLE result (
    result_id     INTEGER PRIMARY KEY,
    file_no       TEXT NOT NULL REFERENCES person (file_no),
    kind          TEXT NOT NULL,              -- LAB, VIT
    code          TEXT NOT NULL,
    name          TEXT NOT NULL,
    value         TEXT NOT NULL,
    unit          TEXT NOT NULL,
    taken_at      TEXT NOT NULL,
    remark        TEXT NOT NULL,
    performer     TEXT NOT NULL,
    sensitivity   TEXT NOT NULL               -- N none, H HIV
);
CREATE INDEX result_file_no ON result (file_no);

CREATE TABLE prescription (
    rx_id         INTEGER PRIMARY KEY,
    file_no       TEXT NOT NULL REFERENCES person (file_no),
    drug          TEXT NOT NULL,
    written       TEXT NOT NULL
);
CREATE INDEX prescription_file_no ON prescription (file_no);

CREATE TABLE note (
    note_id       INTEGER PRIMARY KEY,
    file_no       TEXT NOT NULL REFERENCES person (file_no),
    note_type     TEXT NOT NULL,              -- VISIT, PSYCH
    title         TEXT NOT NULL,
    body          TEXT NOT NULL,
    written_at    TEXT NOT NULL
);
CREATE INDEX note_file_no ON note (file_no);
