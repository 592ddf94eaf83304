"""Moving and saving a whole log: an archive of lines that either kind of database writes and reads, and copies of SQLite files."""
