"""The bank and what is given out of it: import, assignment, answers, history."""
