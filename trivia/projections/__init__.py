"""The read models, for those who run the installation."""
