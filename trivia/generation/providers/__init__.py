"""Where new questions come from. One file for each provider; `provider.py` says what one is."""
