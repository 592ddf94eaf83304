"""`trivia projections`: the read models."""
