"""History, people, places, food, sport and what people believe and make."""
