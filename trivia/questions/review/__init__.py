"""Questions under review: approving, reporting and retiring them."""
