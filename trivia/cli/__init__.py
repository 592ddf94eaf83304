"""The command line.

Commands are imported when they are called, so that `trivia --help` costs no more than click.
"""

import os
from importlib import import_module
from typing import Final

import click

from trivia.cli.serving.container import end_on_sigterm_as_pid_1

COMMANDS: Final = {
    "serve": ("serving.serve", "serve", "Run the service."),
    "work": ("serving.work", "work", "Run the background work: projections, seals, generation jobs."),
    "migrate": ("migrate", "migrate", "Migrate the database's schema to this version."),
    "users": ("users", "users", "Make, list, change and erase users."),
    "orgs": ("orgs", "orgs", "Make organisations."),
    "import": ("import_export", "import_", "Import questions from files."),
    "generate": ("generate", "generate", "Generate new questions."),
    "export": ("import_export", "export", "Export a bank's questions."),
    "events": ("events.commands", "events", "Inspect, verify, export and import the log."),
    "projections": ("projections.commands", "projections", "Inspect, pause, rebuild and verify the read models."),
    "backup": ("events.transfer", "backup", "Back up the database while the service runs."),
    "restore": ("events.transfer", "restore", "Restore a backup."),
    "doctor": ("doctor", "doctor", "Check the installation, and say how to fix what is wrong."),
    "settings": ("settings", "settings", "Show every setting, its value, source and meaning."),
}
"""Name: module below this package, command in it, one line of help."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Names, in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """The command with this name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"trivia.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="trivia", prog_name="trivia")
def main() -> None:
    """A self-hosted trivia service: no user is given the same question twice.

    Settings come from TRIVIA_* in the environment or from trivia.toml; `trivia settings` shows them
    all.

    Exit codes: 0 done, 1 failed or differs, 2 wrong usage or settings.
    """
    end_on_sigterm_as_pid_1(os.getpid())
