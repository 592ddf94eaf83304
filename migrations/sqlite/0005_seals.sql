-- Seals: each binds a run of events under a signed Merkle root and names the seal before it. How: events/seal.py.

CREATE TABLE seals (
    number         INTEGER PRIMARY KEY,
    first_position INTEGER NOT NULL,
    last_position  INTEGER NOT NULL,
    root           BLOB    NOT NULL,
    previous       BLOB    NOT NULL, -- SHA-256 of the statement of the seal before; zeros for the first
    signed_at      INTEGER NOT NULL, -- microseconds since 1970-01-01 UTC
    key_id         TEXT    NOT NULL, -- SHA-256 of the public key, in hexadecimal
    signature      BLOB    NOT NULL,
    leaves         BLOB    NOT NULL  -- the hashes of the events, 32 bytes each: they say which of them differs
) STRICT;

CREATE UNIQUE INDEX seals_first_position ON seals (first_position);

CREATE TRIGGER seals_refuse_update BEFORE UPDATE ON seals
BEGIN
    SELECT RAISE(ABORT, 'the seals are append-only');
END;

CREATE TRIGGER seals_refuse_delete BEFORE DELETE ON seals
BEGIN
    SELECT RAISE(ABORT, 'the seals are append-only');
END;

-- INSERT OR REPLACE deletes what is in its way without asking the trigger above.
CREATE TRIGGER seals_refuse_replace BEFORE INSERT ON seals
WHEN EXISTS (SELECT 1 FROM seals WHERE number = NEW.number OR first_position = NEW.first_position)
BEGIN
    SELECT RAISE(ABORT, 'the seals are append-only');
END;
