"""Whether the log can be believed, and reading it as it is."""
