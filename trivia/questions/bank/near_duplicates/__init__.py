"""When two questions that differ in wording ask for the same fact, and finding such a pair in a bank of any size.

`gist.py` says what is left of a question's wording, `agreement.py` compares two of them, `index.py` finds the few worth comparing, and
`finder.py` keeps that index beside the pool.
"""
