"""Choosing questions for a user, assigning them, and their answers."""
