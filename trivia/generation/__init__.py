"""Where new questions come from."""
