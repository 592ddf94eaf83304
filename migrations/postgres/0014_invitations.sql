-- Invitations that were neither used nor revoked: the read model of their list.

CREATE TABLE invitations (
    invitation text   PRIMARY KEY COLLATE "C", -- SHA-256 of its code
    org        text   NOT NULL COLLATE "C",
    position   bigint NOT NULL -- where it was made
);

CREATE INDEX invitations_org ON invitations (org, position);
