-- Generation jobs, as far as they are listed.

CREATE TABLE generation_jobs (
    job_id       TEXT    PRIMARY KEY,
    version      INTEGER NOT NULL, -- of the job's stream, as far as it is folded in
    position     INTEGER NOT NULL, -- of the event that asked for it
    user_id      TEXT    NOT NULL,
    org          TEXT    NOT NULL,
    cause        TEXT    NOT NULL, -- manual or auto
    topic        TEXT,
    min_age      INTEGER NOT NULL,
    max_age      INTEGER NOT NULL,
    difficulty   TEXT,
    target_count INTEGER NOT NULL,
    status       TEXT    NOT NULL, -- pending, running, completed, failed, cancelled
    generated    INTEGER NOT NULL,
    duplicates   INTEGER NOT NULL,
    rejected     INTEGER NOT NULL,
    reason       TEXT,             -- why it failed
    created_at   INTEGER NOT NULL, -- microseconds since 1970-01-01 UTC, as all times
    ended_at     INTEGER
) STRICT, WITHOUT ROWID;
