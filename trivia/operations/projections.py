"""What operators do with read models while the service runs."""

from collections.abc import Sequence

from events.log import EventLog
from projections.engine.projection import Projection
from projections.engine.store import ReadModels
from projections.rebuild.background import Rebuilds
from projections.rebuild.rebuild import RebuildRunning
from projections.rebuild.status import Overview, ProjectionStatus, overview
from trivia.http.problems import Conflicting, NotFound


class ProjectionOperations:
    """Shows the state of every read model, and rebuilds one."""

    def __init__(
        self, log: EventLog, models: ReadModels, projections: Sequence[Projection], rebuilds: Rebuilds
    ) -> None:
        self._log = log
        self._models = models
        self._projections = projections
        self._rebuilds = rebuilds

    async def overview(self) -> Overview:
        """The state of all. Raises LogUnavailable."""
        return await overview(self._log, self._models, self._projections)

    async def rebuild(self, name: str) -> ProjectionStatus:
        """Begin to rebuild one, in the background; its state then.

        Raises NotFound, Conflicting where it is being rebuilt already, and LogUnavailable.
        """
        projection = next((projection for projection in self._projections if projection.name == name), None)
        if projection is None:
            raise NotFound("There is no read model of this name.")
        try:
            await self._rebuilds.start(projection)
        except RebuildRunning as error:
            raise Conflicting(f"The read model {name} is being rebuilt or verified already.") from error
        (status,) = (await overview(self._log, self._models, [projection])).projections
        return status
