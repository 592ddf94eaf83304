"""Users, guests, organisations: how they come, sign in, are invited, and are forgotten."""
