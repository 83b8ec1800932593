-- What proofs are made of. A version of a record is known by its seed and its root: the record itself stays where it is. The
-- digest is salted by the seed.
CREATE TABLE proof_versions (
    relationship TEXT    NOT NULL,
    resource     TEXT    NOT NULL,
    seed         BLOB    NOT NULL,
    digest       BLOB    NOT NULL,
    root         BLOB    NOT NULL,
    -- The first interval whose roots are over it, and the last; no last while it is the current one.
    first        INTEGER,
    last         INTEGER,
    current      INTEGER NOT NULL,
    PRIMARY KEY (relationship, resource, root)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX proof_versions_current ON proof_versions (relationship, resource) WHERE current = 1;
CREATE INDEX proof_versions_past ON proof_versions (last) WHERE current = 0;

-- Intervals in the order open, prepared, anchored (or missed, or another's). The roots of a prepared one never change again.
CREATE TABLE proof_intervals (
    interval  INTEGER PRIMARY KEY NOT NULL,
    secret    BLOB    NOT NULL,
    state     TEXT    NOT NULL,
    log_after INTEGER NOT NULL,
    log_until INTEGER NOT NULL,
    records   BLOB,
    log       BLOB
) STRICT;

CREATE TABLE proof_roots (
    interval     INTEGER NOT NULL,
    relationship TEXT    NOT NULL,
    root         BLOB    NOT NULL,
    PRIMARY KEY (interval, relationship)
) STRICT, WITHOUT ROWID;

-- When the records of a relationship were last looked at as a whole, and what their change columns said then.
CREATE TABLE proof_looks (
    relationship TEXT    PRIMARY KEY NOT NULL,
    marks        BLOB,
    looked       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
