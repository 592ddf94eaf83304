-- What happened how often, by day (since 1970-01-01 UTC): folded from the log, so that a restart forgets nothing.

CREATE TABLE usage_counters (
    name  TEXT NOT NULL,
    day   INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name, day)
) STRICT, WITHOUT ROWID;

-- The last hour in minutes (since 1970-01-01 UTC), each in the slot of its minute of the hour.
CREATE TABLE usage_minutes (
    name   TEXT NOT NULL,
    slot   INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    value  INTEGER NOT NULL,
    PRIMARY KEY (name, slot)
) STRICT, WITHOUT ROWID;
