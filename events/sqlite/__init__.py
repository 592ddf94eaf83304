"""The log on SQLite: its connections, its writer's thread, and its statements."""
