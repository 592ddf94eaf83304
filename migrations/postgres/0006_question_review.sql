-- Questions that wait for someone's approval, what users say is wrong with questions, and the words in them, to be searched.

ALTER TABLE questions ADD COLUMN pending integer NOT NULL DEFAULT 0;

CREATE TABLE question_reports (
    question    bigint NOT NULL,
    user_id     text   NOT NULL COLLATE "C",
    position    bigint NOT NULL, -- of the event
    reported_at bigint NOT NULL, -- microseconds since 1970-01-01 UTC
    reason      text   NOT NULL, -- sealed under the user's key
    PRIMARY KEY (question, user_id)
);

-- The row's number is the question's. Its words are folded already (projections/words.py), so the simplest of dictionaries will do.
CREATE TABLE question_words (
    rowid  bigint   PRIMARY KEY,
    prompt text     NOT NULL,
    others text     NOT NULL,
    topic  text     NOT NULL, -- in folded letter case
    words  tsvector NOT NULL GENERATED ALWAYS AS
        (setweight(to_tsvector('simple', prompt), 'A') || setweight(to_tsvector('simple', others), 'C')) STORED
);

CREATE INDEX question_words_words ON question_words USING gin (words);

-- The words cannot be folded here: the projection begins again, and the log brings every row.
TRUNCATE questions, question_count, banks;
DELETE FROM projection_checkpoints WHERE name LIKE 'questions%';
