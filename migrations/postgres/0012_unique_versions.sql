-- The unique index is SQLite's; here it was never gone. What stands here is the rule for functions.
--
-- A function that processes call is never changed in place: processes of the version before run on while the schema is migrated.
-- The changed one is made beside it under the next name (append_events_v2), and the old one is dropped by a migration of the
-- release after. See docs/adr/0001-replace-functions-side-by-side.md.

COMMENT ON FUNCTION append_events IS
    'Appends a batch. Never changed in place: a changed one is made beside it as append_events_v2; this one is dropped a release later.';
