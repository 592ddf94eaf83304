"""The log on PostgreSQL: its connections and its statements."""
