"""README's five minutes, typed as they stand there, against a fresh service."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import ROOT, Installed

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECONDS = 120


def shell_blocks(heading: str) -> list[str]:
    """The blocks of commands below a heading, in order."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(300)
def test_the_five_minutes_work_as_typed(tmp_path: Path) -> None:
    blocks = shell_blocks("Five minutes")
    assert len(blocks) > 5
    command = tmp_path / ".venv" / "bin" / "trivia"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m trivia "$@"\n')
    command.chmod(0o755)
    trivia = Installed(tmp_path)
    with trivia.serving() as server:
        server.wait_until_ready()
        typed = "\n".join(["set -euo pipefail", *blocks]).replace("http://localhost:8000", server.url)
        done = subprocess.run(
            ["bash"],
            check=False,
            input=typed,
            cwd=tmp_path,
            env=trivia.environment(),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"imported":1' in done.stdout
    assert '"correct":' in done.stdout
    assert '"type":"answered"' in done.stdout
    assert "Who wrote this?" in done.stdout
