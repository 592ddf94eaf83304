"""Signals in a container, where this process may be the first."""

import os
import signal
from typing import Final

FIRST: Final = 1


def end_on_sigterm_as_pid_1(process_id: int) -> None:
    """Let SIGTERM end process 1 with exit code 143, until the server installs its own handler.

    The kernel drops signals for which process 1 has no handler, so that `docker stop` would have no
    effect while the service starts. Other processes end by default.
    """
    if process_id == FIRST:
        signal.signal(signal.SIGTERM, lambda number, _: os._exit(128 + number))
