"""Building read models again from the log, comparing them with it, and their status."""
