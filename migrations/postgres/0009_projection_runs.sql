-- How the projections fare, for whoever asks in any process; and the events that they could not take in. Times are in microseconds
-- since 1970-01-01 UTC.

-- Who runs the projections: one row, 'projector'.
CREATE TABLE projection_runners (
    name       text   PRIMARY KEY,
    runner     text   NOT NULL, -- machine and process
    started_at bigint NOT NULL,
    seen_at    bigint NOT NULL
);

-- What became of the last run of each projection, and of its last rebuild, whose name ends in __rebuild.
CREATE TABLE projection_runs (
    name           text   PRIMARY KEY,
    version        integer NOT NULL,
    runner         text   NOT NULL,
    started_at     bigint NOT NULL,
    seen_at        bigint NOT NULL,
    finished_at    bigint,           -- when it first stood at the head of the log; for a rebuild, when it was put in place
    rate           double precision, -- events a second, while it folded
    error          text,             -- why it does not go on
    error_position bigint            -- of the event that is to blame, where it is one
);

-- Projections that an operator has stopped.
CREATE TABLE projection_pauses (
    name      text   PRIMARY KEY,
    paused_at bigint NOT NULL
);

-- Events set aside: those that a projection failed on, and the later ones of their key, which wait behind them.
CREATE TABLE parked_events (
    projection text   NOT NULL,
    position   bigint NOT NULL,
    key        text   NOT NULL,
    stream     text   NOT NULL,
    type       text   NOT NULL,
    error      text,             -- null for those that wait behind an earlier one
    parked_at  bigint NOT NULL,
    PRIMARY KEY (projection, position)
);

CREATE INDEX parked_events_key ON parked_events (projection, key, position);
