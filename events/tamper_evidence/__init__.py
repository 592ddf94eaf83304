"""Seals: how a log tells that it was tampered with."""
