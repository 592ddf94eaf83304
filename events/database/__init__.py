"""Connections to the two databases, shared by the log, the subject keys and the read models."""
