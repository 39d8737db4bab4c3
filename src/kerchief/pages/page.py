"""The skeleton of a page: one file that opens offline, in any browser, with no script and nothing fetched.

Text is escaped wherever it comes in; only what is ``Html`` already stays as it is.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape

from kerchief.pages.colours import DARK
from kerchief.pages.svg import FONTS, allowed


class Html(str):
    """Markup; whatever came into it as text is escaped."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under a heading of its own."""

    heading: str
    parts: tuple[Html, ...]


def page(title: str, lead: Sequence[str], sections: Iterable[Section], foot: str) -> str:
    """A whole page.

    Args:
        title: of the page and its first heading.
        lead: what to know if nothing else is read, a paragraph each.
        sections: from top to bottom.
        foot: what made it.
    """
    body = [
        f"<header>\n<h1>{text(title)}</h1>\n</header>\n<main>",
        Html('<div class="lead">\n' + "\n".join(paragraph(one) for one in lead) + "\n</div>"),
        *(_section(one) for one in sections),
        f"</main>\n<footer>\n{paragraph(foot)}\n</footer>",
    ]
    return _FRAME.format(title=text(title), policy=POLICY, css=CSS, body="\n".join(body))


def text(value: str) -> Html:
    """Text as markup; markup as it is."""
    return value if isinstance(value, Html) else Html(escape(allowed(value)))


def paragraph(value: str) -> Html:
    """A paragraph of text."""
    return Html(f"<p>{text(value)}</p>")


def points(values: Iterable[str]) -> Html:
    """A list with bullets."""
    return Html("<ul>\n" + "\n".join(f"<li>{text(one)}</li>" for one in values) + "\n</ul>")


def terms(values: Iterable[tuple[str, str]]) -> Html:
    """Words and what they mean."""
    return Html(
        "<dl>\n" + "\n".join(f"<dt>{text(word)}</dt><dd>{text(meaning)}</dd>" for word, meaning in values) + "\n</dl>"
    )


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], headings: int = 1) -> Html:
    """A table that scrolls by itself where the screen is narrow.

    Args:
        caption: what it tells.
        columns: their headings.
        rows: a cell for each column.
        headings: how many cells of each row say what it is about.
    """
    head = "".join(f'<th scope="col">{text(one)}</th>' for one in columns)
    body = "\n".join(f"<tr>{_cells(row, headings)}</tr>" for row in rows)
    return Html(
        f'<div class="scroll" role="region" aria-label="{text(caption)}" tabindex="0">\n<table>\n'
        f"<caption>{text(caption)}</caption>\n"
        f"<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def figure(plots: Sequence[str], caption: str) -> Html:
    """Plots (``plots.inline``) side by side as far as there is room, with one caption."""
    drawn = "\n".join(plots)
    return Html(f'<figure>\n<figcaption>{text(caption)}</figcaption>\n<div class="plots">\n{drawn}\n</div>\n</figure>')


def folded(summary: str, parts: Iterable[Html]) -> Html:
    """Something that is opened by those who want it."""
    return Html(f"<details>\n<summary>{text(summary)}</summary>\n" + "\n".join(parts) + "\n</details>")


def _section(section: Section) -> str:
    return f"<section>\n<h2>{text(section.heading)}</h2>\n" + "\n".join(section.parts) + "\n</section>"


def _cells(row: Sequence[str], headings: int) -> str:
    cells = [f'<th scope="row">{text(one)}</th>' for one in row[:headings]]
    return "".join(cells + [f"<td>{text(one)}</td>" for one in row[headings:]])


def _dark_plots() -> str:
    """Rules that change what plots are drawn with."""
    # Without ancestors: what ``use`` puts in has none.
    return "\n".join(
        f'[{what}="{light}"] {{ {what}: {dark} }}' for light, dark in DARK.items() for what in ("fill", "stroke")
    )


CSS = f"""
:root {{ color-scheme: light dark }}
:root {{ --ink: #1b1f24; --paper: #ffffff; --soft: #f2f3f5; --line: #d9dce1; --quiet: #5b636e }}
* {{ box-sizing: border-box }}
body {{ margin: 0 auto; padding: 1rem; max-width: 74rem; color: var(--ink); background: var(--paper) }}
body {{ font: 1rem/1.5 {FONTS} }}
h1 {{ font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 1rem }}
h2 {{ font-size: 1.2rem; line-height: 1.3; margin: 2.5rem 0 .5rem }}
p, ul, dl, figcaption {{ max-width: 46rem }}
.lead {{ background: var(--soft); border-left: .3rem solid var(--line); padding: .3rem 1rem }}
.lead {{ font-size: 1.08rem; max-width: 52rem }}
.lead p {{ margin: .6rem 0 }}
ul {{ padding-left: 1.2rem }}
li {{ margin: .35rem 0 }}
dt {{ font-weight: 600; margin-top: .5rem }}
dd {{ margin: 0 0 0 1.2rem }}
figure {{ margin: 1rem 0 1.5rem }}
figcaption, caption, footer {{ color: var(--quiet) }}
.plots {{ display: flex; flex-wrap: wrap; gap: 1.2rem 1.2rem; margin-top: .8rem }}
.plots svg {{ max-width: 100%; height: auto; flex: none }}
.scroll {{ overflow-x: auto; margin: 1rem 0 }}
table {{ border-collapse: collapse; font-size: .79rem; font-variant-numeric: tabular-nums }}
caption {{ text-align: left; padding-bottom: .4rem; font-size: 1rem }}
th, td {{ padding: .3rem .4rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }}
thead th {{ vertical-align: bottom; white-space: normal; min-width: 3.4rem; max-width: 9rem }}
th[scope="row"], thead th:first-child {{ text-align: left; font-weight: 600 }}
summary {{ cursor: pointer; padding: .3rem 0 }}
footer {{ margin-top: 3rem; border-top: 1px solid var(--line); font-size: .9rem }}
@media (prefers-color-scheme: dark) {{
:root {{ --ink: #e9e7e3; --paper: #15181c; --soft: #1e2328; --line: #363c44; --quiet: #a8aeb7 }}
{_dark_plots()}
}}
@media print {{ .scroll {{ overflow: visible }} section {{ break-inside: avoid-page }} }}
"""

#: Nothing is loaded, run or sent, and no style but the one below applies.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(CSS.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)

_FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{css}</style>
</head>
<body>
{body}
</body>
</html>
"""
