-- What entries of the log say is sealed by keys of their own, one or more for each relationship and calendar year. Destroying a key
-- shreds what it sealed; the log's chain of hashes is over what is sealed, and stays whole.
CREATE TABLE log_keys (
    id           BLOB PRIMARY KEY NOT NULL,
    relationship TEXT NOT NULL,
    year         INTEGER NOT NULL,
    key          BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX log_keys_by_relationship ON log_keys (relationship);
CREATE INDEX log_keys_by_year ON log_keys (year);

-- Which key sealed an entry. Entries of earlier versions are not sealed, and have none.
ALTER TABLE log ADD COLUMN key BLOB;
