"""The pages can be found, and lead to each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md"))]
INDEX = (DOCS / "README.md").read_text()


def text_of(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors_of(page: Path) -> set[str]:
    """Return the anchors that a page's headings have where it is shown."""
    titles = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    """A link within the repository names a file that is there, and a heading that it has."""
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"https?://", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_index_has_every_page(page):
    """Each page of docs/ stands in the table of the index, which is no page of itself."""
    rows = [line for line in INDEX.splitlines() if line.startswith("|")]
    is_listed = any(f"]({page.name})" in row for row in rows)
    assert is_listed == (page.name != "README.md")


def test_words_are_explained():
    """The words that other pages use without saying what they mean stand in the index."""
    words = INDEX.partition("\n## Words\n")[2]
    for word in ("KEK", "data key", "stanza", "scope", "section", "vouch", "rewrap", "identity"):
        assert re.search(rf"^\|[^|]*\b{word}\b[^|]*\|", words, re.MULTILINE), word
