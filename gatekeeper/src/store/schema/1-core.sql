CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A ticket is known by its digest only: who reads this file learns no ticket that is still good.
CREATE TABLE tickets (
    digest  BLOB PRIMARY KEY NOT NULL,
    record  TEXT NOT NULL,
    issued  INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER
) STRICT, WITHOUT ROWID;

-- Made when a ticket is redeemed, before anything is proposed on chain. `member` and `number` are filled in once
-- the proposal is final.
CREATE TABLE bindings (
    account  BLOB PRIMARY KEY NOT NULL,
    digest   BLOB NOT NULL UNIQUE REFERENCES tickets (digest),
    record   TEXT NOT NULL,
    created  INTEGER NOT NULL,
    member   INTEGER,
    number   INTEGER,
    refused  TEXT,
    UNIQUE (member, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX bindings_by_record ON bindings (record);

CREATE TABLE nonces (
    account BLOB NOT NULL,
    nonce   BLOB NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (account, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonces_by_expiry ON nonces (expires);

CREATE TABLE sessions (
    token   BLOB PRIMARY KEY NOT NULL,
    account BLOB NOT NULL,
    purpose TEXT NOT NULL,
    patient TEXT,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_account ON sessions (account, created);
CREATE INDEX sessions_by_expiry ON sessions (expires);

-- `relationship` repeats what the entry says, for finding a patient's entries; verification compares both.
CREATE TABLE log (
    number       INTEGER PRIMARY KEY NOT NULL,
    relationship TEXT,
    entry        TEXT NOT NULL,
    previous     BLOB NOT NULL,
    hash         BLOB NOT NULL
) STRICT;
CREATE INDEX log_by_relationship ON log (relationship, number);
