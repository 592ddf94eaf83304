"""When two questions that differ in wording ask for the same fact, and finding such a pair in a bank of any size.

`gist.py` reads a question as the words, numbers and signs that are compared (`lexicon.py` has the lists of words), `word_counts.py`
weighs words by how rare they are, `answer_comparison.py` and `agreement.py` compare two questions. `keys.py` and `index.py` find
the few worth comparing, `finder.py` keeps that index beside the pool, and `screening.py` looks through an import.
"""
