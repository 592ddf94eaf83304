-- Generation jobs, as far as they are listed.

-- The driver takes no file without a statement.
SELECT 1;
