"""What databases and the log above them raise."""

from collections.abc import Sequence


class LogError(Exception):
    """Base of all that the log raises."""


class LogUnavailable(LogError):
    """The database did not answer as it should. What was being appended may or may not have been stored."""


class LogUnprotected(LogError):
    """The database lacks what keeps the log append-only and its numbers without gaps; nothing should be appended."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            f"the log is not protected: {', '.join(missing)} missing or disabled. Copying tables leaves these behind: "
            "restore a backup, or bring an export into a new database"
        )
        self.missing = tuple(missing)
