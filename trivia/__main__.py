"""`python -m trivia`."""

from trivia.cli import main

main()
