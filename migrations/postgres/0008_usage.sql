-- What happened how often, by day (since 1970-01-01 UTC): folded from the log, so that a restart forgets nothing.

CREATE TABLE usage_counters (
    name  text NOT NULL,
    day   bigint NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (name, day)
);

-- The last hour in minutes (since 1970-01-01 UTC), each in the slot of its minute of the hour.
CREATE TABLE usage_minutes (
    name   text NOT NULL,
    slot   bigint NOT NULL,
    minute bigint NOT NULL,
    value  bigint NOT NULL,
    PRIMARY KEY (name, slot)
);
