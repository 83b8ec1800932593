-- Several gatekeepers on one store. Whose chain of hashes an entry of the log continues: each gatekeeper has its own.
ALTER TABLE log ADD COLUMN instance TEXT NOT NULL DEFAULT '';
CREATE INDEX log_by_instance ON log (instance, number);

-- The last number that was given of what counts upwards for ever.
CREATE TABLE counters (
    name TEXT PRIMARY KEY NOT NULL,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- sqlite: INSERT INTO counters (name, last) SELECT 'notices', seq FROM sqlite_sequence WHERE name = 'notices';

-- Which gatekeeper does what one of them does at a time, and which are alive: until when, by the database's own clock (ms).
CREATE TABLE leases (
    name   TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
