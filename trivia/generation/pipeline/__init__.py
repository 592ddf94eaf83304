"""From a candidate, whoever made it, to a question for the bank or the reason why not. `pipeline.py` has the stages in their order."""
