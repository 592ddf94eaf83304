"""The files that browsers load: those of static/, and Swagger UI's from its package.

Nothing comes from anywhere else, so the pages work without the internet and the
Content-Security-Policy can say `'self'`.
"""

import gzip
import mimetypes
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

STATIC: Final = Path(__file__).parent / "static"
SWAGGER_UI: Final = ("swagger-ui.css", "swagger-ui-bundle.js")

_WORTH_COMPRESSING: Final = 1_024


class File(NamedTuple):
    """A file as it is sent. `gzipped` is None where that would not be smaller by much."""

    body: bytes
    gzipped: bytes | None
    media_type: str
    etag: str


@lru_cache(maxsize=1)
def paths() -> dict[str, Path]:
    """Every file that is served, by its name below /static/.

    A name that is not among these leads nowhere.
    """
    own = {path.relative_to(STATIC).as_posix(): path for path in sorted(STATIC.rglob("*")) if path.is_file()}
    # Found without importing the package, which would load template and YAML libraries for nothing.
    spec = find_spec("swagger_ui")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package swagger-ui-py is not installed")
    directory = Path(spec.submodule_search_locations[0]) / "static"
    return own | {f"swagger-ui/{name}": directory / name for name in SWAGGER_UI}


@lru_cache(maxsize=64)
def load(name: str) -> File:
    """The file with this name. Raises KeyError."""
    body = paths()[name].read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return file_of(body, media_type)


def file_of(body: bytes, media_type: str) -> File:
    """Make a file of what is not on disk."""
    gzipped = gzip.compress(body, mtime=0) if len(body) >= _WORTH_COMPRESSING else None
    return File(body, gzipped, media_type, f'"{sha256(body).hexdigest()[:32]}"')
