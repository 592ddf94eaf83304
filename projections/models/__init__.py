"""The read models, a file for each."""
