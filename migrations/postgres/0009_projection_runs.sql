-- How each projection fares, and the keys whose events it could not take in.

-- The driver takes no file without a statement.
SELECT 1;
