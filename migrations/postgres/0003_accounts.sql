-- Who there is: the read model of users and organisations, and the erasures that are under way.

CREATE TABLE accounts (
    user_id    text   PRIMARY KEY COLLATE "C",
    kind       text   NOT NULL, -- account or guest
    org        text   NOT NULL COLLATE "C",
    role       text   NOT NULL,
    created_at bigint NOT NULL, -- microseconds since 1970-01-01 UTC
    sealed     text   NOT NULL  -- personal data under the user's own key
);

CREATE INDEX accounts_org ON accounts (org, user_id);

CREATE TABLE organisations (
    org         text   PRIMARY KEY COLLATE "C",
    name        text   NOT NULL,
    shared_bank bigint NOT NULL, -- 1 when it draws from the shared bank as well as its own
    created_at  bigint NOT NULL  -- microseconds since 1970-01-01 UTC
);

-- Subjects whose key is about to be deleted; a row that outlives its process is an erasure to finish.
CREATE TABLE subjects_leaving (
    subject text PRIMARY KEY
);
