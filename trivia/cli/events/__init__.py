"""`trivia events`, `backup` and `restore`: the log."""
