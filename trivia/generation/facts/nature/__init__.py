"""Animals, plants, the sciences and space."""
