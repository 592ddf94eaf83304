"""What a browser sees: the pages, their files, and the API's documentation."""
