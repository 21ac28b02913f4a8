"""How the pages are built: ``sphinx-build -W --keep-going -b html docs OUT``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pybtex.plugin import register_plugin
from pybtex.style.formatting.unsrt import Style
from pybtex.style.labels import BaseLabelStyle
from pygments.lexers.special import TextLexer

from gep.account.recipe import library
from gep.resources import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.config import Config

project = "gep"
copyright = "the authors of gep"  # noqa: A001
version = release = library()

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
# types in docstrings are words for people: "Change" may be that of two modules
suppress_warnings = ["ref.python"]

html_theme = "furo"
html_title = "gep"
html_static_path = ["style.css"]
html_css_files = ["style.css"]
html_show_sourcelink = False
bibtex_bibfiles: list[str] = []


class KeyLabels(BaseLabelStyle):
    """Labels are the keys of ``sources.toml``, as coefficients and formulas cite them."""

    def format_labels(self, entries: Iterable[Any]) -> Iterable[str]:
        """Yield the label of each entry."""
        return (str(entry.key) for entry in entries)


class Keyed(Style):
    """Documents as they stand in ``sources.toml``."""

    default_label_style = KeyLabels


register_plugin("pybtex.style.formatting", "keyed", Keyed)


def entry(key: str, source: dict[str, Any]) -> str:
    """Return one document as a BibTeX entry; names stay as they are written."""
    authors = f"{{{source['authors']}}}" if "authors" in source else ""
    titles = [str(source[k]) for k in ("title_zh", "title_en") if source.get(k)]
    fields = {
        "author": authors,
        "title": f"{{{' | '.join(titles)}}}",
        "howpublished": ", ".join(str(source[k]) for k in ("issuer", "number") if source.get(k)),
        "year": source.get("year", ""),
        "doi": source.get("doi", ""),
        "url": source.get("url", ""),
        "note": source.get("note_en", ""),
    }
    told = ",\n".join(f"  {k} = {{{v}}}" for k, v in fields.items() if v)
    return f"@misc{{{key},\n{told}\n}}\n"


def write_references(app: Sphinx, config: Config) -> None:
    """Write the documents of ``sources.toml`` where the bibliography reads them."""
    place = Path(app.doctreedir).resolve() / "references.bib"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(entry(k, v) for k, v in vocabulary("sources").items()), encoding="utf-8")
    config.bibtex_bibfiles = [str(place)]


def one_name_a_line(_app: Sphinx, what: str, *args: Any) -> None:
    """Prepare a docstring for napoleon, which reads "a, b : float" and "Return x: y" in its own way."""
    lines: list[str] = args[-1]
    if what == "property":
        lines[:1] = [line.replace(": ", " \u2013 ", 1) for line in lines[:1]]
    start = lines.index("Attributes") if "Attributes" in lines else len(lines)
    made = lines[:start]
    for k, line in enumerate(lines[start:], start):
        names, colon, kind = line.partition(" : ")
        if ", " not in names or line[:1].isspace() or not colon:
            made.append(line)
            continue
        told = lines[k + 1 : next((j for j in range(k + 1, len(lines)) if lines[j][:1] != " "), len(lines))]
        *first, last = names.split(", ")
        for name in first:
            made += [f"{name} : {kind}", *told]
        made.append(f"{last} : {kind}")
    lines[:] = made


def setup(app: Sphinx) -> None:
    """Connect what happens at the start of a build."""
    app.connect("config-inited", write_references, priority=1)
    app.connect("autodoc-process-docstring", one_name_a_line, priority=400)
    app.add_lexer("csv", TextLexer)
