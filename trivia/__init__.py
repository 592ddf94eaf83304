"""The service: decides, serves, talks."""
