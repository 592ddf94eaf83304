"""Rows of read models on SQLite and PostgreSQL, and which process leads."""
