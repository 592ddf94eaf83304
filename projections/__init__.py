"""What is known now: read models folded from the log."""
