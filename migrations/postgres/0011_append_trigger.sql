-- The trigger is SQLite's. Here the function that appends looks at a batch as a whole, so there is only a word for whoever meets the row.

COMMENT ON TABLE log_head IS 'Where the log ends: one row, which append_events moves in the transaction that appends.';
