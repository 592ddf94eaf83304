-- How the projections fare, for whoever asks in any process; and the events that they could not take in. Times are in microseconds
-- since 1970-01-01 UTC.

-- Who runs the projections: one row, 'projector'.
CREATE TABLE projection_runners (
    name       TEXT    PRIMARY KEY,
    runner     TEXT    NOT NULL, -- machine and process
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What became of the last run of each projection, and of its last rebuild, whose name ends in __rebuild.
CREATE TABLE projection_runs (
    name           TEXT    PRIMARY KEY,
    version        INTEGER NOT NULL,
    runner         TEXT    NOT NULL,
    started_at     INTEGER NOT NULL,
    seen_at        INTEGER NOT NULL,
    finished_at    INTEGER,          -- when it first stood at the head of the log; for a rebuild, when it was put in place
    rate           REAL,             -- events a second, while it folded
    error          TEXT,             -- why it does not go on
    error_position INTEGER           -- of the event that is to blame, where it is one
) STRICT, WITHOUT ROWID;

-- Projections that an operator has stopped.
CREATE TABLE projection_pauses (
    name      TEXT    PRIMARY KEY,
    paused_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Events set aside: those that a projection failed on, and the later ones of their key, which wait behind them.
CREATE TABLE parked_events (
    projection TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    stream     TEXT    NOT NULL,
    type       TEXT    NOT NULL,
    error      TEXT,             -- null for those that wait behind an earlier one
    parked_at  INTEGER NOT NULL,
    PRIMARY KEY (projection, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX parked_events_key ON parked_events (projection, key, position);
