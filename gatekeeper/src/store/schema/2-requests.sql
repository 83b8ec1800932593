-- Requests that were made on chain and settled here, by their number at this member. What was asked stays sealed, and no answer
-- is kept: it is made anew when it is picked up. Without its salt, the digest on chain means nothing.
CREATE TABLE requests (
    number  INTEGER PRIMARY KEY NOT NULL,
    request BLOB NOT NULL,
    receipt BLOB NOT NULL,
    salt    BLOB NOT NULL,
    settled INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_by_time ON requests (settled);

