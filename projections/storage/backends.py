"""The read models of a database."""

from projections.engine.store import ReadModels
from projections.storage.backend import Backend


def models_of(database: Backend) -> ReadModels:
    """The read models in this database."""
    return database.models()
