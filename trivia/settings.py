"""Every setting: its name, type, bounds, default and meaning; and where its value comes from.

A setting `database_url` is read from the environment variable `TRIVIA_DATABASE_URL`, else from the
file named by `TRIVIA_DATABASE_URL_FILE` (for secrets mounted as files), else from `database_url` in
`trivia.toml`, else it is the default. The few that other software has named already go by that name
too (KNOWN_ELSEWHERE), ahead of the file. All that is wrong is reported at once.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from trivia.platform.key_files import require_private

PREFIX = "TRIVIA_"
FILE = "trivia.toml"

SECRET = {"secret": True}
"""Marks a setting whose value is never shown."""

KNOWN_ELSEWHERE: Final[Mapping[str, str]] = {
    "OPENAI_API_KEY": "openai_api_key",
    "OPENAI_BASE_URL": "openai_base_url",
    "OPENAI_ORG_ID": "openai_organization",
}
"""Variables of other software and the settings they stand for. Ours come first; empty is unset."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force."""

    database_url: Annotated[
        str,
        Meta(
            pattern=r"^(sqlite:///.+|postgres(ql)?://.*)$",
            description="Where everything is kept: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.",
            extra=SECRET,
        ),
    ] = "sqlite:///./data/trivia.db"
    data_dir: Annotated[
        str, Meta(min_length=1, description="Where files of the service's own are kept, such as the secret key.")
    ] = "./data"
    secret_key: Annotated[
        Annotated[str, Meta(min_length=32)] | None,
        Meta(
            description="Signs access tokens; at least 32 characters. Made and kept in data_dir when not given.",
            extra=SECRET,
        ),
    ] = None
    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 picks a free one.")] = 8000
    workers: Annotated[int, Meta(ge=1, le=64, description="Processes that serve.")] = 1
    background_process: Annotated[
        bool,
        Meta(
            description="Whether `trivia serve` starts a worker process for background work (projections, seals, generation); "
            "otherwise each serving process does it too."
        ),
    ] = True
    trusted_proxies: Annotated[
        str, Meta(description="Addresses, separated by commas, whose X-Forwarded-* headers are believed.")
    ] = "127.0.0.1"
    max_connections: Annotated[
        int, Meta(ge=10, le=1_000_000, description="Open connections that each process takes.")
    ] = 10_000
    max_connections_per_address: Annotated[
        int,
        Meta(ge=1, le=1_000_000, description="Of these, from one address; trusted proxies may have all."),
    ] = 1_000
    guests_per_address_per_hour: Annotated[
        int,
        Meta(ge=0, le=1_000_000, description="Guests that may join from one address, in each process; 0 is no limit."),
    ] = 1_000
    registrations_per_address_per_hour: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            description="Accounts that may be made from one address, in each process; 0 is no limit.",
        ),
    ] = 300
    max_header_bytes: Annotated[
        int, Meta(ge=1_024, le=1_048_576, description="Largest head of a request: all its headers together.")
    ] = 32_768
    max_url_bytes: Annotated[int, Meta(ge=1_024, le=65_536, description="Longest path and query of a request.")] = (
        16_384
    )
    header_timeout_seconds: Annotated[
        float, Meta(gt=0, le=600, description="How long the head of a request may take to come.")
    ] = 10.0
    body_timeout_seconds: Annotated[
        float,
        Meta(gt=0, le=3_600, description="How long a body may take to come; a large one longer, at 1 KiB a second."),
    ] = 30.0
    drain_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=300,
            description="How long to go on serving after SIGTERM, with /health/ready at 503, so that a load balancer looks away.",
        ),
    ] = 0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least that is logged.")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "console"], Meta(description="How it is logged; auto is console on a terminal.")
    ] = "auto"
    access_token_seconds: Annotated[
        int, Meta(ge=60, le=86_400, description="How long an access token is good for.")
    ] = 900
    guest_token_seconds: Annotated[
        int, Meta(ge=60, le=86_400, description="How long the access token of a guest is good for.")
    ] = 43_200
    refresh_token_days: Annotated[
        int, Meta(ge=1, le=365, description="How long a login lasts before the password is asked for again.")
    ] = 30
    max_body_bytes: Annotated[
        int, Meta(ge=1024, le=2**30, description="Largest body of a request, except imports.")
    ] = 1_048_576
    max_import_bytes: Annotated[
        int,
        Meta(
            ge=1024,
            le=2**40,
            description="Largest body of an import; one in JSON is held in memory, NDJSON is streamed.",
        ),
    ] = 268_435_456
    seen_cache_users: Annotated[
        int, Meta(ge=100, le=10_000_000, description="Users whose seen sets each process keeps in memory.")
    ] = 20_000
    report_threshold: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000,
            description="How many users have to report a question before it is retired by itself; 0 is never.",
        ),
    ] = 3
    report_percent: Annotated[
        int,
        Meta(ge=0, le=100, description="How many percent of those who were given it have to as well."),
    ] = 5
    report_account_hours: Annotated[
        int,
        Meta(ge=0, le=8760, description="Reports of younger accounts do not count, and those of guests never do."),
    ] = 24
    seal_every: Annotated[
        int,
        Meta(ge=1, le=10_000, description="Events under one seal; fewer, once the log has been quiet for a minute."),
    ] = 1_000
    seal_key: Annotated[
        Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{64}\Z")] | None,
        Meta(
            description="Signs seals: 64 hexadecimal digits, the same for every process. Made and kept in data_dir when not given.",
            extra=SECRET,
        ),
    ] = None
    seal_file: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="File to which seals are written as well, best where nobody who has the database can change it; "
            "seals.ndjson in data_dir when not given."
        ),
    ] = None
    generation_provider: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z",
            description="Who makes new questions: auto (a model where a key or base URL is set, else facts), openai, facts, "
            "or a provider that another package brings.",
        ),
    ] = "auto"
    blind_check: Annotated[
        bool,
        Meta(
            description="Whether the provider must find the answer of a question that a model wrote without being told it, before "
            "anybody is given it. Where that cannot be asked, the question waits for approval. Questions made from facts need no check."
        ),
        # On, rather than have all that models write wait: most installations have nobody who approves, and a wrong key is worse than
        # one short call for each question.
    ] = True
    openai_api_key: Annotated[
        Annotated[str, Meta(pattern=r"^[!-~]{1,500}\Z")] | None,
        Meta(description="Key of the language model's endpoint; OPENAI_API_KEY will do.", extra=SECRET),
    ] = None
    openai_base_url: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s?#@]*)?\Z")] | None,
        Meta(
            description="Where an OpenAI-compatible endpoint answers, such as http://localhost:11434/v1, without a key in it; "
            "OPENAI_BASE_URL will do. OpenAI's own when not given."
        ),
    ] = None
    openai_model: Annotated[str, Meta(min_length=1, max_length=200, description="The model to ask.")] = "gpt-5.4-mini"
    openai_organization: Annotated[
        Annotated[str, Meta(pattern=r"^[!-~]{1,200}\Z")] | None,
        Meta(description="Organisation that pays, where a key has several; OPENAI_ORG_ID will do."),
    ] = None
    openai_timeout_seconds: Annotated[
        float, Meta(gt=0, le=600, description="How long an answer of the model may take, from first to last byte.")
    ] = 60.0
    openai_retries: Annotated[int, Meta(ge=0, le=10, description="How often a call that failed is made again.")] = 3
    openai_daily_tokens: Annotated[
        Annotated[int, Meta(ge=0, le=10**12)] | None,
        Meta(
            description="Tokens that may be spent in a day (UTC), enough for about two thousand questions; a large number is no limit."
        ),
    ] = 1_000_000
    openai_daily_cost: Annotated[
        Annotated[float, Meta(ge=0, le=10**6)] | None,
        Meta(description="Dollars that may be spent in a day (UTC), by the two prices; no limit when not given."),
    ] = None
    openai_input_price: Annotated[
        float, Meta(ge=0, le=10**6, description="Dollars for a million tokens of what the model is asked.")
    ] = 0.0
    openai_output_price: Annotated[
        float, Meta(ge=0, le=10**6, description="Dollars for a million tokens of what the model answers.")
    ] = 0.0
    metrics_token: Annotated[
        Annotated[str, Meta(pattern=r"^[!-~]{16,200}\Z")] | None,
        Meta(
            description="Bearer token with which a scraper may read GET /metrics: 16 to 200 printable characters without spaces. "
            "Without it only users may.",
            extra=SECRET,
        ),
    ] = None
    generation_concurrency: Annotated[
        int,
        Meta(ge=0, le=64, description="Generation jobs that each process works on at once; 0 leaves them to others."),
    ] = 3
    generation_user_jobs: Annotated[
        int, Meta(ge=0, le=10**6, description="Generation jobs that one user may start in a day (UTC).")
    ] = 50
    generation_user_tokens: Annotated[
        int, Meta(ge=0, le=10**12, description="Tokens of the model that may be spent for one user in a day (UTC).")
    ] = 250_000
    generation_guest_jobs: Annotated[
        int, Meta(ge=0, le=10**6, description="Generation jobs that one guest may start in a day (UTC).")
    ] = 5
    generation_guest_tokens: Annotated[
        int, Meta(ge=0, le=10**12, description="Tokens of the model that may be spent for one guest in a day (UTC).")
    ] = 25_000
    generation_network_jobs: Annotated[
        int,
        Meta(
            ge=0,
            le=10**6,
            description="Generation jobs that all who share an address, such as a school, may start in a day (UTC).",
        ),
    ] = 200
    generation_network_tokens: Annotated[
        int,
        Meta(
            ge=0,
            le=10**12,
            description="Tokens of the model that may be spent for all who share an address in a day (UTC).",
        ),
    ] = 500_000
    generation_lease_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=3_600,
            description="Lease time-out: a generation job whose process has gone silent for so long is taken over by another.",
        ),
    ] = 30
    auto_generation: Annotated[
        bool, Meta(description="Whether a draw that finds too few questions starts a job that makes more.")
    ] = True
    generated_questions: Annotated[
        Literal["approved", "pending"],
        Meta(
            description="Whether new questions made by jobs are given out at once, or wait until someone approves them."
        ),
    ] = "approved"
    starter_bank: Annotated[
        bool, Meta(description="Whether a fresh install begins with a bank of questions made from facts.")
    ] = True


class Origin(NamedTuple):
    """The source of a setting: `environment` (and a foreign variable), `file …` or `default`."""

    setting: str
    source: str


class SettingsError(Exception):
    """At least one setting is wrong; the message names each."""


def load(environment: Mapping[str, str] | None = None, directory: Path | None = None) -> tuple[Settings, list[Origin]]:
    """Read the settings. Raises SettingsError."""
    environment = os.environ if environment is None else environment
    faults: list[str] = []
    raw = _read_file((directory or Path()) / environment.get(f"{PREFIX}CONFIG", FILE), faults)
    origins = dict.fromkeys(raw, f"file {FILE}")
    _read_environment(environment, raw, origins, faults)
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in fields:
            faults.append(f"{name} in {FILE}: no such setting")
            continue
        try:
            values[name] = msgspec.convert(value, fields[name].type, strict=False)
        except msgspec.ValidationError as error:
            faults.append(f"{PREFIX}{name.upper()}: {error}")
    if faults:
        raise SettingsError("\n".join(sorted(faults)))
    return Settings(**values), [Origin(name, origins.get(name, "default")) for name in fields]


def _read_environment(
    environment: Mapping[str, str], raw: dict[str, Any], origins: dict[str, str], faults: list[str]
) -> None:
    for variable, setting in KNOWN_ELSEWHERE.items():
        if given := environment.get(variable):
            raw[setting], origins[setting] = given, f"environment {variable}"
        elif file := environment.get(f"{variable}_FILE"):
            raw[setting], origins[setting] = _read_secret(f"{variable}_FILE", file, faults), f"file {file}"
    known = {f"{PREFIX}{name.upper()}": name for name in Settings.__struct_fields__}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable == f"{PREFIX}CONFIG":
            continue
        plain = variable.removesuffix("_FILE")
        if name := known.get(variable):
            raw[name], origins[name] = text, "environment"
        elif plain not in known:
            faults.append(f"{variable}: no such setting")
        elif plain not in environment:
            raw[known[plain]], origins[known[plain]] = _read_secret(variable, text, faults), f"file {text}"


def _read_file(path: Path, faults: list[str]) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        if any(name in _secrets() and not str(value).startswith("sqlite:") for name, value in raw.items()):
            require_private(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(f"{path}: {error}")
        return {}
    return raw


def _secrets() -> set[str]:
    """The names of the settings whose values are secrets."""
    types = {field.name: msgspec.inspect.type_info(field.type) for field in msgspec.structs.fields(Settings)}
    return {
        name
        for name, type_ in types.items()
        if isinstance(type_, msgspec.inspect.Metadata) and (type_.extra or {}).get("secret")
    }


def _read_secret(variable: str, path: str, faults: list[str]) -> str:
    try:
        require_private(Path(path))
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{variable}: {error}")
        return ""
