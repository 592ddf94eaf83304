-- Guests are looked for by age, to be erased when their time is over.

CREATE INDEX accounts_kind ON accounts (kind, created_at);
