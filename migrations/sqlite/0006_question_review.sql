-- Questions that wait for someone's approval, what users say is wrong with questions, and the words in them, to be searched.

ALTER TABLE questions ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;

CREATE TABLE question_reports (
    question    INTEGER NOT NULL,
    user_id     TEXT    NOT NULL,
    position    INTEGER NOT NULL, -- of the event
    reported_at INTEGER NOT NULL, -- microseconds since 1970-01-01 UTC
    reason      TEXT    NOT NULL, -- sealed under the user's key
    PRIMARY KEY (question, user_id)
) STRICT, WITHOUT ROWID;

-- The row's number is the question's. Its words are folded already (projections/words.py), so the simplest of tokenizers will do.
CREATE VIRTUAL TABLE question_words USING fts5(prompt, others, topic UNINDEXED, tokenize = 'ascii');

-- The words cannot be folded here: the projection begins again, and the log brings every row.
DELETE FROM questions;
DELETE FROM question_count;
DELETE FROM banks;
DELETE FROM projection_checkpoints WHERE name LIKE 'questions%';
