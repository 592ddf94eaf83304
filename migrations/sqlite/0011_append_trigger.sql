-- What the two triggers before an event and after it did, one does after it, in two thirds of the time. By then INSERT OR REPLACE would
-- have taken out an event in the way of a unique index unseen, so the index no longer is one: that no stream has a version twice, and
-- nothing is left out, is for the trigger to see to. An event at an old position is one that does not follow on the log's end.

DROP TRIGGER events_refuse_gap;
DROP TRIGGER events_move_end;
DROP INDEX events_stream_version;

CREATE INDEX events_stream_version ON events (stream, version);

CREATE TRIGGER events_move_end AFTER INSERT ON events
BEGIN
    UPDATE log_head SET
        position = CASE
            WHEN position = NEW.position - 1 AND (
                -- Most events of a large append follow on the one before; that row is at hand, which saves looking for the stream.
                EXISTS (
                    SELECT 1 FROM events
                    WHERE position = NEW.position - 1 AND stream = NEW.stream AND version = NEW.version - 1
                )
                OR NEW.version = 1 + coalesce(
                    (SELECT max(version) FROM events WHERE stream = NEW.stream AND position <> NEW.position), 0
                )
            ) THEN NEW.position
            ELSE RAISE(ABORT, 'the log is append-only')
        END,
        recorded_at = NEW.recorded_at;
END;
