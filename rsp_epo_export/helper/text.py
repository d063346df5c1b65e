"""Show what PIs wrote without running it: no HTML, no terminal sequences, no letters that turn the line around."""

from __future__ import annotations

__all__ = ("cell", "html", "link", "plain", "table_html", "table_text")

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

_WIDEST = 60


def plain(value: object) -> str:
    """Give text in which nothing but printable characters and line breaks is left; others show as escapes."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else character.encode("unicode_escape").decode()
        for character in text.encode("utf-8", "backslashreplace").decode()
    )


def cell(value: object) -> str:
    """Give one line of text for a table."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{plain(key)}={plain(entry)}" for key, entry in value.items()).replace("\n", " ")
    if isinstance(value, list | tuple):
        return ", ".join(cell(entry) for entry in value)
    return plain(value).replace("\n", " ")


def html(value: object) -> str:
    """Give HTML that shows the value as text, in an attribute too."""
    return escape(cell(value))


def link(url: str, words: str) -> str:
    """Give a link, or only the words where the address is none of the web."""
    try:
        is_web = urlsplit(url).scheme in ("http", "https")
    except ValueError:
        is_web = False
    if not is_web:
        return html(words)
    return f'<a href="{html(url)}" target="_blank" rel="noopener noreferrer">{html(words)}</a>'


def table_html(caption: str, header: Sequence[str], rows: Sequence[Sequence[object]], more: int = 0) -> str:
    """Give a table; a cell that is `Markup` is taken as HTML, all others as text.

    `more` is how many rows are left out, which is said below.
    """
    head = "".join(f'<th scope="col" style="text-align:left">{html(name)}</th>' for name in header)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{_cell_html(entry)}</td>' for entry in row) + "</tr>"
        for row in rows
    )
    rest = f"<p>… and {more} more.</p>" if more > 0 else ""
    return f"<table><caption>{html(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def table_text(caption: str, header: Sequence[str], rows: Sequence[Sequence[object]], more: int = 0) -> str:
    """Give the same in columns of text."""
    shown = [[_short(cell(entry)) for entry in row] for row in rows]
    widths = [max([len(name), *(len(row[column]) for row in shown)]) for column, name in enumerate(header)]
    lines = [plain(caption)]
    lines += [
        "  ".join(entry.ljust(width) for entry, width in zip(row, widths, strict=True)).rstrip()
        for row in [list(header), *shown]
    ]
    return "\n".join([*lines, *([f"… and {more} more."] if more > 0 else [])])


class Markup(str):
    """HTML that this package made, every foreign part of it escaped."""

    __slots__ = ()


def _cell_html(value: object) -> str:
    return value if isinstance(value, Markup) else html(value)


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
