"""What holds for every request: ids, headers, access, errors, validation, and the document of the API."""
