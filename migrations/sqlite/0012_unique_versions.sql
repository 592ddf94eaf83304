-- A stream's versions are unique by index again, so that a log whose trigger was lost still has no version twice. INSERT OR REPLACE
-- would take out an event that is in the way of a unique index, after which nothing tells that it was there; so what follows on the
-- log's end and on its stream is checked before the insert, when that event is still in place.

DROP TRIGGER events_move_end;
DROP INDEX events_stream_version;

CREATE UNIQUE INDEX events_stream_version ON events (stream, version);

CREATE TRIGGER events_move_end BEFORE INSERT ON events
BEGIN
    UPDATE log_head SET
        position = CASE
            WHEN position = NEW.position - 1 AND (
                -- Most events of a large append follow on the one before; that row is at hand, which saves looking for the stream.
                EXISTS (
                    SELECT 1 FROM events
                    WHERE position = NEW.position - 1 AND stream = NEW.stream AND version = NEW.version - 1
                )
                OR NEW.version = 1 + coalesce((SELECT max(version) FROM events WHERE stream = NEW.stream), 0)
            )
            -- INSERT OR IGNORE would leave out an event that lacks something, with the end moved already.
            AND NEW.stream IS NOT NULL AND NEW.type IS NOT NULL AND NEW.schema IS NOT NULL
            AND NEW.data IS NOT NULL AND NEW.metadata IS NOT NULL
            THEN NEW.position
            ELSE RAISE(ABORT, 'the log is append-only')
        END,
        recorded_at = NEW.recorded_at;
END;
