"""Exit code 0 if the service in this container is ready for requests, else 1 and the reason. Uses nothing but Python itself."""

import os
import sys
import urllib.error
import urllib.request

SECONDS = 4


def main() -> int:
    """Ask once; the exit code."""
    url = f"http://127.0.0.1:{os.environ.get('TRIVIA_PORT', '8000')}/health/ready"
    # Not by way of a proxy that the container may have been given for its calls to the outside.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=SECONDS):
            return 0
    except urllib.error.HTTPError as error:
        print(error.read(1000).decode(errors="replace"))
    except OSError as error:
        print(error)
    return 1


if __name__ == "__main__":
    sys.exit(main())
