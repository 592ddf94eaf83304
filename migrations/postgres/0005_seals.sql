-- Seals: each binds a run of events under a signed Merkle root and names the seal before it. How: events/seal.py.

CREATE TABLE seals (
    number         bigint PRIMARY KEY,
    first_position bigint NOT NULL,
    last_position  bigint NOT NULL,
    root           bytea  NOT NULL,
    previous       bytea  NOT NULL, -- SHA-256 of the statement of the seal before; zeros for the first
    signed_at      bigint NOT NULL, -- microseconds since 1970-01-01 UTC
    key_id         text   NOT NULL, -- SHA-256 of the public key, in hexadecimal
    signature      bytea  NOT NULL,
    leaves         bytea  NOT NULL  -- the hashes of the events, 32 bytes each: they say which of them differs
);

CREATE UNIQUE INDEX seals_first_position ON seals (first_position);

-- Hashes do not compress.
ALTER TABLE seals ALTER COLUMN leaves SET STORAGE EXTERNAL;

CREATE FUNCTION refuse_change_of_seals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the seals are append-only';
END;
$$;

CREATE TRIGGER seals_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_seals();
