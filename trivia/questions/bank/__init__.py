"""The bank: which questions there are, when two are the same, and finding them."""
