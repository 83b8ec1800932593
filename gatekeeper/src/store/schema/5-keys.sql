-- What a ticket is for, where it is for something else than the first key of a record's patient.
CREATE TABLE ticket_purposes (
    digest   BLOB PRIMARY KEY NOT NULL REFERENCES tickets (digest),
    purpose  TEXT NOT NULL CHECK (purpose IN ('minor', 'rekey', 'of-age')),
    handover INTEGER,
    member   INTEGER,
    number   INTEGER,
    lost     BLOB
) STRICT, WITHOUT ROWID;

-- Who redeemed a minor's ticket. In the binding itself stands the account that holds the minor's place on chain.
CREATE TABLE guardians (
    account BLOB PRIMARY KEY NOT NULL,
    digest  BLOB NOT NULL UNIQUE REFERENCES tickets (digest)
) STRICT, WITHOUT ROWID;

-- Keys that are to take a place in a relationship that is bound already: the binding changes when the finalised chain names them,
-- and not before. `asked` is the block in which the gatekeeper asked the chain for it; `ended` says what became of it.
CREATE TABLE pending_keys (
    digest  BLOB PRIMARY KEY NOT NULL REFERENCES tickets (digest),
    account BLOB NOT NULL,
    member  INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    created INTEGER NOT NULL,
    asked   INTEGER,
    ended   TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX pending_keys_by_relationship ON pending_keys (member, number) WHERE ended IS NULL;
CREATE UNIQUE INDEX pending_keys_by_account ON pending_keys (account) WHERE ended IS NULL;

-- Records that the hospital merges or splits: nothing is shown of them until it says how to go on.
CREATE TABLE suspended_records (
    record TEXT PRIMARY KEY NOT NULL,
    since  INTEGER NOT NULL,
    ground TEXT NOT NULL
) STRICT, WITHOUT ROWID;
