-- What patients and viewers send to be added to the records. Served once staff have accepted it; never written to the provider's database.
CREATE TABLE inbox (
    number        INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    relationship  TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource      TEXT NOT NULL,
    account       BLOB NOT NULL,
    capacity      TEXT NOT NULL,
    purpose       TEXT NOT NULL,
    received      INTEGER NOT NULL,
    status        TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'rejected')),
    decided       INTEGER,
    labels        TEXT NOT NULL DEFAULT '[]',
    reason        TEXT
) STRICT;
CREATE INDEX inbox_by_relationship ON inbox (relationship, status, resource_type);
