"""What a projection is, and what runs it: it knows neither a database nor a read model."""
