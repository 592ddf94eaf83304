"""`trivia settings`."""

from typing import Any, Final

import click

from trivia.cli.runtime import json_option, print_json, read_settings

HIDDEN: Final = "(secret)"
NOT_SET: Final = "(not set)"


@click.command
@json_option
def settings(*, as_json: bool) -> None:
    """Show every setting: its value, where that comes from, and its meaning."""
    rows = _describe()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        value = NOT_SET if row["value"] is None else row["value"]
        click.echo(f"{row['variable']} = {value}  [{row['source']}]")
        click.echo(f"    {row['meaning']}")


def _describe() -> list[dict[str, Any]]:
    import msgspec

    from trivia.settings import PREFIX, Settings

    values, origins = read_settings()
    types = {field.name: msgspec.inspect.type_info(field.type) for field in msgspec.structs.fields(Settings)}
    rows = []
    for name, source in origins:
        meta = types[name]
        extra = (meta.extra or {}) if isinstance(meta, msgspec.inspect.Metadata) else {}
        schema = (meta.extra_json_schema or {}) if isinstance(meta, msgspec.inspect.Metadata) else {}
        value = getattr(values, name)
        hidden = extra.get("secret") and value is not None and source != "default"
        rows.append(
            {
                "setting": name,
                "variable": f"{PREFIX}{name.upper()}",
                "value": HIDDEN if hidden else value,
                "source": source,
                "meaning": schema.get("description", ""),
            }
        )
    return rows
