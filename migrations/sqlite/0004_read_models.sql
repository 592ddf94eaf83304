-- Read models: all of it can be rebuilt from the log.

CREATE TABLE projection_checkpoints (
    name     TEXT    PRIMARY KEY,
    version  INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Questions by number: 1, 2, 3 … in the order in which they entered the log.
CREATE TABLE questions (
    number      INTEGER PRIMARY KEY,
    position    INTEGER NOT NULL, -- of the event that added it
    content     TEXT    NOT NULL, -- content identity
    org         TEXT    NOT NULL,
    prompt      TEXT    NOT NULL,
    options     TEXT    NOT NULL, -- a JSON array
    answer      TEXT    NOT NULL,
    topic       TEXT    NOT NULL,
    min_age     INTEGER NOT NULL,
    max_age     INTEGER NOT NULL,
    difficulty  TEXT,
    explanation TEXT,
    source      TEXT,
    retired     INTEGER NOT NULL
) STRICT;

-- One row, 'questions': how many questions the log has had so far.
CREATE TABLE question_count (
    name   TEXT    PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Organisations with a bank of their own, and whether they draw from the shared one as well.
CREATE TABLE banks (
    org    TEXT    PRIMARY KEY,
    shared INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What each user was given and answered, as Roaring bitmaps of question numbers, at a version of their stream.
CREATE TABLE seen_sets (
    user_id  TEXT    PRIMARY KEY,
    version  INTEGER NOT NULL,
    seen     BLOB    NOT NULL, -- since the last reset
    given    BLOB,             -- ever; null while it equals seen
    answered BLOB              -- null while empty
) STRICT, WITHOUT ROWID;

-- How well each user answers, at a version of their stream.
CREATE TABLE user_statistics (
    user_id     TEXT    PRIMARY KEY,
    version     INTEGER NOT NULL,
    answered    INTEGER NOT NULL,
    correct     INTEGER NOT NULL,
    streak      INTEGER NOT NULL,
    best_streak INTEGER NOT NULL,
    by_topic    TEXT    NOT NULL -- JSON: {topic: [answered, correct]}
) STRICT, WITHOUT ROWID;
