"""The reference of the command line is what the program says of itself."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["docs/cli.md", "yamlvault/cli/yamlvault.1"]
MAN_PAGE = ROOT / PAGES[1]


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """The folder into which script/reference has written."""
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, ROOT / "script/reference", folder], check=True)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_are_up_to_date(written, page):
    """What stands in the repository is what script/reference writes."""
    is_same = (written / page).read_text() == (ROOT / page).read_text()
    assert is_same, "run .venv/bin/python script/reference"


def test_every_variable_is_documented():
    """Each variable that the package names stands in the pages."""
    named = set()
    files = set((ROOT / "yamlvault").rglob("*.py"))
    for file in files - set((ROOT / "yamlvault/readers").iterdir()):  # names of their settings
        named |= set(re.findall(r"\bYAMLVAULT_[A-Z_]+\b", file.read_text()))
    assert "YAMLVAULT_AGE_KEY" in named
    page = (ROOT / "docs/cli.md").read_text()
    assert [name for name in sorted(named) if f"| `{name}` |" not in page] == []


def test_man_renders_the_page():
    """The page is shown without a complaint, quotation marks and dashes as a shell needs them."""
    if shutil.which("man") is None or shutil.which("groff") is None:
        pytest.skip("man is not installed")
    command = ["man", "--warnings", "-E", "UTF-8", "-l", MAN_PAGE]
    environment = {"PATH": "/usr/bin:/bin", "MANWIDTH": "200", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    text = re.sub(r".\x08", "", done.stdout)
    assert "yamlvault get secrets.yml '$.production.password'" in text
    assert "--dry-run" in text


def test_mandoc_accepts_the_page():
    """What reads the page on other systems, mandoc, finds nothing wrong but the missing date."""
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    command = ["mandoc", "-T", "lint", "-W", "warning", MAN_PAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    lines = (done.stdout + done.stderr).splitlines()
    assert [line for line in lines if "missing date" not in line] == []


@pytest.mark.parametrize(
    "name",
    [
        "man/man1/yamlvault.1",
        "bash-completion/completions/yamlvault",
        "zsh/site-functions/_yamlvault",
        "fish/vendor_completions.d/yamlvault.fish",
    ],
)
def test_what_is_installed_beside_the_program(name):
    """The wheel brings the page and the completion scripts to where man and the shells look."""
    source = {
        "yamlvault.1": MAN_PAGE,
        "yamlvault": ROOT / "yamlvault/cli/completion/yamlvault.bash",
    }.get(Path(name).name, ROOT / "yamlvault/cli/completion" / Path(name).name)
    assert (Path(sys.prefix) / "share" / name).read_bytes() == source.read_bytes()
