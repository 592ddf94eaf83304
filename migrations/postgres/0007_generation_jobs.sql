-- Generation jobs, as far as they are listed.

CREATE TABLE generation_jobs (
    job_id       text    PRIMARY KEY,
    version      bigint  NOT NULL, -- of the job's stream, as far as it is folded in
    position     bigint  NOT NULL, -- of the event that asked for it
    user_id      text    NOT NULL,
    org          text    NOT NULL,
    cause        text    NOT NULL, -- manual or auto
    topic        text,
    min_age      integer NOT NULL,
    max_age      integer NOT NULL,
    difficulty   text,
    target_count integer NOT NULL,
    status       text    NOT NULL, -- pending, running, completed, failed, cancelled
    generated    integer NOT NULL,
    duplicates   integer NOT NULL,
    rejected     integer NOT NULL,
    reason       text,             -- why it failed
    created_at   bigint  NOT NULL, -- microseconds since 1970-01-01 UTC, as all times
    ended_at     bigint
);
