-- The log's epoch names one history of it. Positions mean something only together with it: a log that was restored from an older
-- backup, or whose database failed over and lost its end, gives positions out again for other events.
--
--   epoch        random, made anew where the log is found to have another history; empty until a process has first opened it
--   incarnation  what this copy of the database was when the epoch was made (events/epoch.py); a restored or promoted one is another

ALTER TABLE log_head ADD COLUMN epoch text NOT NULL DEFAULT '';
ALTER TABLE log_head ADD COLUMN incarnation text NOT NULL DEFAULT '';

-- Rows of read models belong to the history that they were made from. Empty: not known, as in those made before there were epochs.
ALTER TABLE projection_checkpoints ADD COLUMN epoch text NOT NULL DEFAULT '';

-- With a new epoch, rows that go no further than the log has come to belong to it: what they were made from is still there.
CREATE FUNCTION carry_checkpoints() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE projection_checkpoints SET epoch = NEW.epoch WHERE position <= NEW.position AND epoch IN ('', OLD.epoch);
    RETURN NULL;
END;
$$;

CREATE TRIGGER log_head_carry_checkpoints AFTER UPDATE OF epoch ON log_head FOR EACH ROW EXECUTE FUNCTION carry_checkpoints();

-- As append_events, which stays for processes of the version before, but refuses an appender that knows another history:
--
--   known_history  epoch and the table's oid, as "epoch oid"; a table that was dropped and restored has another oid
--   known_head     the highest position that the appender knows of
--
-- Then nothing is stored, and the only row returned is append = -1 with the present history in `stream` and the head in `first`.
CREATE FUNCTION append_events_v2(
    event_append bigint[], event_condition bigint[], event_place bigint[], event_stream text[], event_type text[],
    event_schema bigint[], event_data text[], event_metadata text[],
    condition_append bigint[], condition_stream text[], condition_expect bigint[],
    command_append bigint[], command_id text[], command_fingerprint bytea[],
    now bigint, known_history text, known_head bigint
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
    history text;
BEGIN
    -- Everyone who appends waits here, so positions are given in the order of commits. Each statement below sees all that was
    -- committed before the lock was had, as a volatile function's statements do under READ COMMITTED.
    PERFORM pg_advisory_xact_lock(7452381906);

    SELECT l.position, greatest(l.recorded_at, now), l.epoch || ' ' || l.tableoid INTO head, moment, history FROM log_head AS l;
    IF history <> known_history OR head < known_head THEN
        RETURN QUERY SELECT -1::bigint, history, NULL::bigint, NULL::bigint, head, head, NULL::boolean;
        RETURN;
    END IF;

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
