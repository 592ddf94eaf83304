-- Questions that wait for someone's approval.

ALTER TABLE questions ADD COLUMN pending integer NOT NULL DEFAULT 0;
