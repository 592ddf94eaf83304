"""Stopping projections where they are, and letting them go on."""

from collections.abc import Sequence
from typing import Final

from events.timestamps import now_us
from projections.engine.projection import Projection
from projections.engine.store import ReadModels

_PAUSE: Final = """
INSERT INTO projection_pauses (name, paused_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"""
_RESUME: Final = "DELETE FROM projection_pauses WHERE name = $1"


async def set_paused(models: ReadModels, projections: Sequence[Projection], *, paused: bool) -> None:
    """Pause projections, or let them go on; whoever runs them minds it within a round. Raises LogUnavailable."""
    if paused:
        await models.execute([(_PAUSE, [(projection.name, now_us()) for projection in projections])])
    else:
        await models.execute([(_RESUME, [(projection.name,) for projection in projections])])
