-- What there is to tell, in the order in which it was noticed. A source counts once: a block's event, a change of records. To whom it
-- is told, is decided when it is.
CREATE TABLE notices (
    number       INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    relationship TEXT,
    kind         TEXT NOT NULL,
    -- What it is about within the relationship: 'grant 7', 'request q0-3', 'glass g1-0'.
    subject      TEXT,
    made         INTEGER NOT NULL,
    source       TEXT NOT NULL UNIQUE,
    details      TEXT NOT NULL
) STRICT;
CREATE INDEX notices_by_relationship ON notices (relationship, number);
CREATE INDEX notices_by_subject ON notices (subject, relationship);
CREATE INDEX notices_by_time ON notices (made);

-- Where accounts want to be told that there is something. `told` is the number of the last notice that is dealt with; what comes after
-- it is the queue. `due` is when it is looked at next, `failing` since when deliveries fail, `claimed` until when a gatekeeper has it in
-- hand. Secrets are not kept: they follow from a key of the gatekeeper's.
CREATE TABLE webhooks (
    id           BLOB PRIMARY KEY NOT NULL,
    account      BLOB NOT NULL,
    purpose      TEXT NOT NULL,
    relationship TEXT,
    url          TEXT NOT NULL,
    created      INTEGER NOT NULL,
    told         INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    failing      INTEGER,
    due          INTEGER NOT NULL DEFAULT 0,
    claimed      INTEGER NOT NULL DEFAULT 0,
    given_up     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX webhooks_by_account ON webhooks (account, created);

-- Breaks of the glass while the chain could not be reached: open here from `began` to `until`, and queued for the chain as the signed
-- transaction until something became of it (`ended`: the glass, or why there is none).
CREATE TABLE offline_breaks (
    number       INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account      BLOB NOT NULL,
    member       INTEGER NOT NULL,
    staff        INTEGER NOT NULL,
    relationship TEXT NOT NULL,
    began        INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    extrinsic    BLOB NOT NULL,
    -- Its place among the signer's transactions, and the last block that may have it.
    nonce        INTEGER NOT NULL,
    last_block   INTEGER NOT NULL,
    ended        TEXT
) STRICT;
CREATE INDEX offline_breaks_by_account ON offline_breaks (account, relationship);
CREATE INDEX offline_breaks_by_member ON offline_breaks (member, began);
