"""Exit code 0 if the service in this container is ready for requests, else 1 and the reason. Run where and as the service is."""

import http.client
import sys
import urllib.error
import urllib.request

from trivia.settings import Settings, SettingsError, load

SECONDS = 4
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to be asked, not to be listened on


def address(settings: Settings) -> str:
    """The URL that says whether the service is ready, if it was not told on its command line to listen elsewhere."""
    host = ANYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/health/ready"


def main() -> int:
    """Ask once; the exit code."""
    # Not by way of a proxy that the container may have been given for its calls to the outside.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address(load()[0]), timeout=SECONDS):
            return 0
    except urllib.error.HTTPError as error:
        print(error.read(1000).decode(errors="replace"))
    except (SettingsError, OSError, http.client.HTTPException) as error:
        print(error)
    return 1


if __name__ == "__main__":
    sys.exit(main())
