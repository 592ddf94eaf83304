"""What is wrong with an installation, in words: settings, files, the database, the log and its read models. Nothing is changed."""
