-- The log moves its own end, and takes only what follows on it: positions and versions count up without a gap. So one statement can
-- append, where looking first and inserting then would need a transaction of several.

DROP TRIGGER events_refuse_replace;

CREATE TRIGGER events_refuse_gap BEFORE INSERT ON events
WHEN NEW.position <> (SELECT position FROM log_head) + 1
    OR NEW.version <> coalesce((SELECT max(version) FROM events WHERE stream = NEW.stream), 0) + 1
BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END;

CREATE TRIGGER events_move_end AFTER INSERT ON events
BEGIN
    UPDATE log_head SET position = NEW.position, recorded_at = NEW.recorded_at;
END;
