"""The pages: fragments of HTML set into one layout.

Scripts and styles are files of their own, as the Content-Security-Policy demands.
"""

from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from trivia.http.problems import Problem, problem_types
from trivia.web.static_files import File, file_of

HTML: Final = "text/html"

_PAGES: Final = Path(__file__).parent / "pages"
_TITLES: Final = {"home": "Trivia", "play": "Play · Trivia", "docs": "API · Trivia"}
_MEANINGS: Final = {
    500: "The service met what nobody foresaw.",
    503: "The service cannot do it now: its database is gone, full or read-only, or it is starting or stopping.",
    504: "The read model has not caught up with the log's position in the header X-Min-Position.",
    429: "Slow down.",
}
_WHEN: Final = {
    500: "That is a defect of the service. The log has it under the id in `instance`.",
    503: "Wait as long as the header Retry-After says, then send the request again.",
    504: "Send the request again, or without X-Min-Position if what is known by now is enough.",
    429: "Wait as long as the header Retry-After says.",
    401: "Sign in, or exchange the refresh token, and send the request again with the new access token.",
    400: "Every field at fault is named in `errors`. Sending the same again gives the same answer.",
    422: "Every field at fault is named in `errors`, where it is a matter of fields.",
}


@lru_cache(maxsize=8)
def page(name: str) -> File:
    """One of the pages that are the same for everybody: home, play or docs."""
    return _lay_out(_TITLES[name], name, (_PAGES / f"{name}.html").read_text(encoding="utf-8"))


def problem_page(kind: type[Problem] | None = None) -> File:
    """What a type of problem means; without one, the list of them."""
    if kind is None:
        rows = "".join(
            f'<tr><td>{one.status}</td><td><a href="/problems/{one.slug}">{escape(one.slug)}</a></td>'
            f"<td>{escape(one.title)}</td></tr>"
            for one in problem_types()
        )
        return _lay_out("Problems · Trivia", "problems", _read("problems").substitute(rows=rows))
    main = _read("problem").substitute({name: _marked(value) for name, value in explain(kind).items()})
    return _lay_out(f"{kind.title} · Trivia", "problems", main)


def explain(kind: type[Problem]) -> dict[str, str | int]:
    """A type of problem in words."""
    return {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "meaning": _MEANINGS.get(kind.status) or (kind.__doc__ or "").splitlines()[0],
        "what_to_do": _WHEN.get(kind.status, "Change the request; sending the same again gives the same answer."),
    }


def _read(name: str) -> Template:
    return Template((_PAGES / f"{name}.html").read_text(encoding="utf-8"))


def _marked(value: str | int) -> str:
    """Text as HTML, with `code` set as such."""
    parts = escape(str(value)).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _lay_out(title: str, name: str, main: str) -> File:
    head, _, rest = main.partition("<!-- main -->") if "<!-- main -->" in main else ("", "", main)
    current = {f"current_{other}": "" for other in ("home", "play", "docs", "problems")}
    current[f"current_{name}"] = ' aria-current="page"'
    html = _read("layout").substitute(title=escape(title), head=head, main=rest, name=name, **current)
    return file_of(html.encode(), HTML)
