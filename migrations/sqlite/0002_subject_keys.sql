-- Personal data in events is encrypted under a key of its subject. Deleting the row makes it unreadable for ever.

CREATE TABLE subject_keys (
    subject TEXT PRIMARY KEY,
    key     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
