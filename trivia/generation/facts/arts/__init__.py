"""Books, films, music, pictures and plays, and those who are in them."""
