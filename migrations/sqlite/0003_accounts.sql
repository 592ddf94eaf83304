-- Who there is: the read model of users and organisations, and the erasures that are under way.

CREATE TABLE accounts (
    user_id    TEXT    PRIMARY KEY,
    kind       TEXT    NOT NULL, -- account or guest
    org        TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    created_at INTEGER NOT NULL, -- microseconds since 1970-01-01 UTC
    sealed     TEXT    NOT NULL  -- personal data under the user's own key
) STRICT, WITHOUT ROWID;

CREATE INDEX accounts_org ON accounts (org, user_id);

CREATE TABLE organisations (
    org         TEXT    PRIMARY KEY,
    name        TEXT    NOT NULL,
    shared_bank INTEGER NOT NULL, -- 1 when it draws from the shared bank as well as its own
    created_at  INTEGER NOT NULL  -- microseconds since 1970-01-01 UTC
) STRICT, WITHOUT ROWID;

-- Subjects whose key is about to be deleted; a row that outlives its process is an erasure to finish.
CREATE TABLE subjects_leaving (
    subject TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
