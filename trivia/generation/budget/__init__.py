"""What may be spent on new questions: the daily budget of all, and the quotas of users and networks."""
