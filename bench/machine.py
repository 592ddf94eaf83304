"""What the figures depend on: the machine's cores, its Python, its disk and the way to the database."""

import asyncio
import os
import platform
import sqlite3
import time
from pathlib import Path
from statistics import median

import asyncpg

PAGE = b"\0" * 4096


def fsync_seconds(directory: Path, times: int = 200) -> float:
    """How long it takes, in the median, to append 4 KiB to a file and have it on disk (fdatasync)."""
    path = directory / "fsync-probe"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    took = []
    try:
        for _ in range(times):
            began = time.perf_counter()
            os.write(file, PAGE)
            os.fdatasync(file)
            took.append(time.perf_counter() - began)
    finally:
        os.close(file)
        path.unlink()
    return median(took)


async def round_trip_seconds(url: str, times: int = 500) -> float:
    """How long PostgreSQL takes, in the median, to answer a prepared `SELECT 1`."""
    connection = await asyncpg.connect(url)
    try:
        statement = await connection.prepare("SELECT 1")
        took = []
        for _ in range(times):
            began = time.perf_counter()
            await statement.fetchval()
            took.append(time.perf_counter() - began)
    finally:
        await connection.close()
    return median(took)


def describe(directory: Path, postgres_url: str) -> list[str]:
    """Lines to print above the figures."""
    load = os.getloadavg()[0]
    return [
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}; load before the run: {load:.2f}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        f"one fdatasync of 4 KiB below {directory.parent}: {fsync_seconds(directory) * 1e6:,.0f} us ({filesystem(directory)})",
        f"one round trip to PostgreSQL: {asyncio.run(round_trip_seconds(postgres_url)) * 1e6:,.0f} us",
    ]


def filesystem(path: Path) -> str:
    """The type of the file system a path is on, as the kernel names it; a tmpfs has no disk to wait for."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return "unknown file system"
    inside = [(mount[1], mount[2]) for mount in mounts if path.is_relative_to(mount[1])]
    return max(inside, key=lambda mount: len(mount[0]))[1] if inside else "unknown file system"
