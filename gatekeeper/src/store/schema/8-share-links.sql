-- Share links: what somebody who holds one reads as. The link itself is known by a digest, its passcode by a keyed one.
CREATE TABLE share_links (
    account      BLOB PRIMARY KEY NOT NULL,
    token        BLOB NOT NULL UNIQUE,
    relationship TEXT NOT NULL,
    purpose      TEXT NOT NULL,
    passcode     BLOB,
    failures     INTEGER NOT NULL DEFAULT 0,
    made         INTEGER NOT NULL,
    expires      INTEGER NOT NULL
) STRICT;
CREATE INDEX share_links_by_relationship ON share_links (relationship);
