"""What a process of the service stands on: its storage, keys, logs and run-time settings."""
