-- Read models: all of it can be rebuilt from the log.

CREATE TABLE projection_checkpoints (
    name     text    PRIMARY KEY,
    version  integer NOT NULL,
    position bigint  NOT NULL
);

-- Questions by number: 1, 2, 3 … in the order in which they entered the log.
CREATE TABLE questions (
    number      bigint  PRIMARY KEY,
    position    bigint  NOT NULL, -- of the event that added it
    content     text    NOT NULL, -- content identity
    org         text    NOT NULL,
    prompt      text    NOT NULL,
    options     text    NOT NULL, -- a JSON array
    answer      text    NOT NULL,
    topic       text    NOT NULL,
    min_age     integer NOT NULL,
    max_age     integer NOT NULL,
    difficulty  text,
    explanation text,
    source      text,
    retired     integer NOT NULL
);

-- One row, 'questions': how many questions the log has had so far.
CREATE TABLE question_count (
    name   text   PRIMARY KEY,
    number bigint NOT NULL
);

-- Organisations with a bank of their own, and whether they draw from the shared one as well.
CREATE TABLE banks (
    org    text    PRIMARY KEY,
    shared integer NOT NULL
);

-- What each user was given and answered, as Roaring bitmaps of question numbers, at a version of their stream.
CREATE TABLE seen_sets (
    user_id  text   PRIMARY KEY,
    version  bigint NOT NULL,
    seen     bytea  NOT NULL, -- since the last reset
    given    bytea,           -- ever; null while it equals seen
    answered bytea            -- null while empty
);

-- How well each user answers, at a version of their stream.
CREATE TABLE user_statistics (
    user_id     text   PRIMARY KEY,
    version     bigint NOT NULL,
    answered    bigint NOT NULL,
    correct     bigint NOT NULL,
    streak      bigint NOT NULL,
    best_streak bigint NOT NULL,
    by_topic    text   NOT NULL -- JSON: {topic: [answered, correct]}
);
