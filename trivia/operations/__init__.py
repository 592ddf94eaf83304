"""For those who run an installation: health, metrics, read models, backups, and looking for what is wrong."""
