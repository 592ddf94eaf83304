"""What holds for every request: ids, headers, access, errors, validation, documentation."""
