-- The function that appends, told what it had to find out before: which condition and which place in its stream each event has. So a
-- batch of which nothing is refused, as nearly every one is, is inserted as it comes, without sorting and joining.

DROP FUNCTION append_events;

-- Appends a batch of appends that are independent of each other (events/group_commit.py sees to that), in one round trip.
--
--   event_*      one element for each event, in the order in which positions are given: which append it belongs to (1, 2, …), which
--                condition its stream is that of (1, 2, …), and its place among the batch's events of that stream (1, 2, …)
--   condition_*  one element for each stream that an append names, with the version expected: -2 any, -1 exists, 0 none
--   command_*    one element for each append that has a command id
--   now          microseconds since 1970-01-01 UTC
--
-- Returns one row for each append that was not stored, or was stored before, and a last row (append = 0) whose `first` is the
-- position before the batch:
--   append, stream, expected, actual    an expectation that did not hold
--   append, first, last, same           a known command; `same` says whether its fingerprint is the one given
CREATE FUNCTION append_events(
    event_append bigint[], event_condition bigint[], event_place bigint[], event_stream text[], event_type text[],
    event_schema bigint[], event_data text[], event_metadata text[],
    condition_append bigint[], condition_stream text[], condition_expect bigint[],
    command_append bigint[], command_id text[], command_fingerprint bytea[],
    now bigint
) RETURNS TABLE (
    append bigint, stream text, expected bigint, actual bigint, first bigint, last bigint, same boolean
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    refused bigint[] := '{}';
    versions bigint[];
    moved bigint[];
    head bigint;
    moment bigint;
    added bigint;
BEGIN
    -- Everyone who appends waits here, so positions are given in the order of commits. Each statement below sees all that was
    -- committed before the lock was had, as a volatile function's statements do under READ COMMITTED.
    PERFORM pg_advisory_xact_lock(7452381906);

    IF cardinality(command_append) > 0 THEN
        RETURN QUERY
            SELECT asked.append, NULL::text, NULL::bigint, NULL::bigint,
                   known.first_position, known.last_position, known.fingerprint = asked.fingerprint
            FROM unnest(command_append, command_id, command_fingerprint) AS asked (append, id, fingerprint)
            JOIN commands AS known ON known.id = asked.id;
        IF FOUND THEN
            refused := array(
                SELECT asked.append FROM unnest(command_append, command_id) AS asked (append, id)
                JOIN commands AS known ON known.id = asked.id);
        END IF;
    END IF;

    versions := array(
        SELECT coalesce((SELECT e.version FROM events AS e WHERE e.stream = asked.stream ORDER BY e.version DESC LIMIT 1), 0)
        FROM unnest(condition_stream) WITH ORDINALITY AS asked (stream, place)
        ORDER BY asked.place);

    moved := array(
        SELECT asked.append
        FROM unnest(condition_append, condition_expect, versions) AS asked (append, expect, version)
        WHERE asked.expect <> -2 AND asked.expect <> asked.version AND NOT (asked.expect = -1 AND asked.version > 0)
          AND asked.append <> ALL (refused));
    IF cardinality(moved) > 0 THEN
        RETURN QUERY
            SELECT asked.append, asked.stream, asked.expect, asked.version, NULL::bigint, NULL::bigint, NULL::boolean
            FROM unnest(condition_append, condition_stream, condition_expect, versions)
                AS asked (append, stream, expect, version)
            WHERE asked.expect <> -2 AND asked.expect <> asked.version AND NOT (asked.expect = -1 AND asked.version > 0)
              AND asked.append <> ALL (refused);
        refused := refused || moved;
    END IF;

    SELECT position, greatest(recorded_at, now) INTO head, moment FROM log_head;

    IF cardinality(refused) = 0 THEN
        -- Nearly always: every event's place is known beforehand, and nothing has to be sorted or joined.
        INSERT INTO events (position, stream, version, type, schema, data, metadata, recorded_at)
            SELECT head + given.place, given.stream, versions[given.condition] + given.place_in_stream,
                   given.type, given.schema, given.data, given.metadata, moment
            FROM unnest(event_condition, event_place, event_stream, event_type, event_schema, event_data, event_metadata)
                WITH ORDINALITY AS given (condition, place_in_stream, stream, type, schema, data, metadata, place);
    ELSE
        INSERT INTO events (position, stream, version, type, schema, data, metadata, recorded_at)
            SELECT head + row_number() OVER (ORDER BY given.place), given.stream,
                   was.version + row_number() OVER (PARTITION BY given.stream ORDER BY given.place),
                   given.type, given.schema, given.data, given.metadata, moment
            FROM unnest(event_append, event_stream, event_type, event_schema, event_data, event_metadata)
                WITH ORDINALITY AS given (append, stream, type, schema, data, metadata, place)
            JOIN (SELECT DISTINCT stream, version FROM unnest(condition_stream, versions) AS u (stream, version)) AS was
                ON was.stream = given.stream
            WHERE given.append <> ALL (refused)
            ORDER BY given.place;
    END IF;
    GET DIAGNOSTICS added = ROW_COUNT;

    IF added > 0 THEN
        UPDATE log_head SET position = head + added, recorded_at = moment;
        IF cardinality(command_append) > 0 THEN
            INSERT INTO commands (id, fingerprint, first_position, last_position)
                SELECT asked.id, asked.fingerprint, head + stored.first, head + stored.last
                FROM unnest(command_append, command_id, command_fingerprint) AS asked (append, id, fingerprint)
                JOIN (
                    SELECT numbered.append, min(numbered.n) AS first, max(numbered.n) AS last
                    FROM (
                        SELECT given.append, row_number() OVER (ORDER BY given.place) AS n
                        FROM unnest(event_append) WITH ORDINALITY AS given (append, place)
                        WHERE given.append <> ALL (refused)
                    ) AS numbered
                    GROUP BY numbered.append
                ) AS stored ON stored.append = asked.append;
        END IF;
    END IF;

    RETURN QUERY SELECT 0::bigint, NULL::text, NULL::bigint, NULL::bigint, head, head + added, NULL::boolean;
END;
$$;
