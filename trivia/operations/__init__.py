"""For operators: health, metrics, read models, backups, and the doctor."""
