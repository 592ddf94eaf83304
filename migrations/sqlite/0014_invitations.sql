-- Invitations that were neither used nor revoked: the read model of their list.

CREATE TABLE invitations (
    invitation TEXT    PRIMARY KEY, -- SHA-256 of its code
    org        TEXT    NOT NULL,
    position   INTEGER NOT NULL -- where it was made
) STRICT, WITHOUT ROWID;

CREATE INDEX invitations_org ON invitations (org, position);
