"""All checks, one after the other."""

from projections.engine.projection import Projection
from trivia.operations.doctor.database import check_database
from trivia.operations.doctor.findings import Finding
from trivia.operations.doctor.provider import check_provider
from trivia.operations.doctor.surroundings import (
    check_disk,
    check_keys,
    check_settings,
    describe_wrong_settings,
)
from trivia.platform.logs import configure_logs
from trivia.services import PROJECTIONS
from trivia.settings import SettingsError, load


async def examine() -> list[Finding]:
    """Look at the installation that the environment and trivia.toml describe."""
    try:
        settings, origins = load()
    except SettingsError as error:
        return describe_wrong_settings(error)
    configure_logs(settings)
    projections: list[Projection] = [kind() for kind in PROJECTIONS]
    return [
        *check_settings(origins),
        *check_disk(settings),
        *check_keys(settings),
        *await check_provider(settings),
        *await check_database(settings, projections),
    ]
