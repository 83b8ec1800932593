-- Answers to planned tables. One row for each (table, epoch), ever: it is written before anybody is told anything, and never changed.
CREATE TABLE research_answers (
    number     INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    -- What it costs (millionths of rho), and the day from which the gatekeeper's own ledger counts it.
    rho        INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    definition BLOB    NOT NULL,
    title      TEXT    NOT NULL,
    -- With noise, part by part (SCALE). What it was without noise is kept nowhere.
    parts      BLOB    NOT NULL,
    salt       BLOB    NOT NULL,
    commitment BLOB    NOT NULL,
    -- The relationships that counted (SCALE), for patients who ask.
    counted    BLOB    NOT NULL,
    made       INTEGER NOT NULL,
    PRIMARY KEY (number, epoch)
) STRICT, WITHOUT ROWID;
CREATE INDEX research_answers_by_day ON research_answers (day);

-- Relationships whose patients took back at the gatekeeper what they release.
CREATE TABLE research_withdrawals (
    member    INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    PRIMARY KEY (member, number)
) STRICT, WITHOUT ROWID;
