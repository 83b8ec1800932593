-- Codes and tokens of apps (SMART App Launch), known by their digests only. Everything that came of one consent has one family:
-- it falls as a whole when a code or refresh token turns up a second time. What was used stays until it has expired, to be known again.
CREATE TABLE app_codes (
    code      BLOB PRIMARY KEY NOT NULL,
    family    BLOB NOT NULL,
    client    TEXT NOT NULL,
    redirect  TEXT NOT NULL,
    challenge TEXT NOT NULL,
    account   BLOB NOT NULL,
    purpose   TEXT NOT NULL,
    patient   TEXT NOT NULL,
    scope     TEXT NOT NULL,
    expires   INTEGER NOT NULL,
    used      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX app_codes_by_expiry ON app_codes (expires);

CREATE TABLE app_tokens (
    token   BLOB PRIMARY KEY NOT NULL,
    family  BLOB NOT NULL,
    refresh INTEGER NOT NULL,
    client  TEXT NOT NULL,
    account BLOB NOT NULL,
    purpose TEXT NOT NULL,
    patient TEXT NOT NULL,
    scope   TEXT NOT NULL,
    issued  INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX app_tokens_by_family ON app_tokens (family);
CREATE INDEX app_tokens_by_expiry ON app_tokens (expires);
