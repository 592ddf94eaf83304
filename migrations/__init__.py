"""Numbered SQL for each database, and the runner that applies it."""
