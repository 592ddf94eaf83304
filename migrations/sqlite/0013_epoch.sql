-- The log's epoch names one history of it. Positions mean something only together with it: a log that was restored from an older
-- backup gives positions out again for other events.
--
--   epoch        random, made anew where the log is found to have another history; empty until a process has first opened it
--   incarnation  what this copy of the database was when the epoch was made (events/epoch.py); a restored one is another

ALTER TABLE log_head ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
ALTER TABLE log_head ADD COLUMN incarnation TEXT NOT NULL DEFAULT '';

-- Rows of read models belong to the history that they were made from. Empty: not known, as in those made before there were epochs.
ALTER TABLE projection_checkpoints ADD COLUMN epoch TEXT NOT NULL DEFAULT '';

-- With a new epoch, rows that go no further than the log has come to belong to it: what they were made from is still there.
CREATE TRIGGER log_head_carry_checkpoints AFTER UPDATE OF epoch ON log_head
BEGIN
    UPDATE projection_checkpoints SET epoch = NEW.epoch WHERE position <= NEW.position AND epoch IN ('', OLD.epoch);
END;
