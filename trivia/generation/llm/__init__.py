"""Asking a language model: what it is told (`prompts.py`), what is made of its answer (`answers.py`), what it costs, and when it fails."""
