"""The bank, what is given out of it, and its review."""
