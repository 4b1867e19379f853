"""An encrypted file survives what formatters and YAML tools do to it: the values still open."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess

import pytest
import yaml
from ruamel.yaml import YAML

import yamlvault
from yamlvault import IntegrityError

PLAIN = (
    """\
# the shop's secrets
name: shop   # not secret
"quoted key": 'it''s'
numbers: [1, 0x1f, 1.50, .inf, 1_000]
dates:
  day: 2026-11-24
  time: 2026-11-24T11:23:16Z
nothing: ~
empty: ""
bare:
answers: {ja: yes, nein: off}

production:
  password: "a\\tb \\u2713 \\"c\\""   # in double quotes
  literal: |
    -----BEGIN PRIVATE KEY-----
    MIIB  two spaces

    -----END PRIVATE KEY-----
  folded: >-
    one
    two

    three
      more
  indented: |2
      two more
    none
  keep: |+
    kept

  plain of several
    lines: x
""".replace("  plain of several\n    lines: x\n", "")
    + """\
  several: one
    two

    three
  single: 'one
    two'
  double: "one
    two \\
    three"
  tagged: !!str 0123
  binary: !!binary |
    aGVsbG8=
  hosts:
  - db1.example.org
  - db2.example.org
  - name: nested
    port: 5432
  -
    - deep
    - "é ☃ 😀"
ключ:
    four: spaces
    list:
        - a
        - b: |
            text
          c: d
last: the end
"""
)

LINKED = """\
defaults: &defaults
  adapter: postgresql
  password: &password |-
    one
    two
  options: &options [a, b]
production:
  <<: *defaults
  host: db.example.org
staging:
  <<: [*defaults, {timeout: 5}]
  password: *password
  options: *options
  note: !!str &note 12
  again: *note
"""

ITEMS = """\
- name: a
  secret: |
    x
    y
- - b
  - c
- d
"""

STREAM = """\
first: |
  one
list:
- a
---
second: "two"
---
- three
"""

ONLY_TEXT = """\
production:
  host: db.example.org
  password: s3cret
  port: 5432
  debug: true
staging:
  host: localhost
  password: other
  keys:
  - |
    one
    two
  - "three"
"""

DOCUMENTS = {"plain": PLAIN, "linked": LINKED, "items": ITEMS, "text": ONLY_TEXT}


def survives(tool, plain, encrypted, keyring):
    """The values are right after the tool; it is refused if it breaks the plaintext file, too."""
    try:
        intact = list(yaml.safe_load_all(tool(plain))) == list(yaml.safe_load_all(plain))
    except yaml.YAMLError:
        intact = False
    text = tool(encrypted)
    try:
        check(plain, text, keyring)
    except yamlvault.YamlVaultError:
        if intact:
            raise


def check(plain, text, keyring):
    """The values are those of the plaintext: loaded, and in what `decrypt` gives."""
    wanted = list(yaml.safe_load_all(plain))
    assert yamlvault.loads_all(text, keyring=keyring) == wanted
    assert list(yaml.safe_load_all(yamlvault.decrypt(text, keyring=keyring).decode())) == wanted


@pytest.fixture(params=DOCUMENTS)
def plain(request):
    return DOCUMENTS[request.param]


@pytest.fixture(params=["everything", "some"])
def encrypted(request, plain, recipient, keyring):
    """A file with all scalars sealed, and one with plaintext beside them."""
    seal = "$"
    if request.param == "some":
        seal = "$.*.password" if "password:" in plain else "$[0]"
    return yamlvault.encrypt(plain, keks=[recipient], seal=seal, keyring=keyring).decode()


def ruamel(text, change=lambda data: data, **settings):
    """Load and dump with ruamel.yaml, which keeps comments, anchors and styles."""
    tool = YAML()
    indent = settings.pop("indent", None)
    if indent:
        tool.indent(**indent)
    for name, value in settings.items():
        setattr(tool, name, value)
    documents = [change(document) for document in tool.load_all(text)]
    out = io.StringIO()
    tool.dump_all(documents, out)
    return out.getvalue()


def sealed_in(form):
    def change(text):
        return re.sub(r"(?<![\"'])\byv1\.[\w.-]+", lambda found: form.format(found[0]), text)

    return change


def reordered(data):
    """Put the keys of all mappings in reverse order, the anchors before their aliases."""
    if isinstance(data, dict):
        for key in reversed(list(data)):
            if key not in ("defaults", "password", "note") and key in data:
                value = data[key]
                data.move_to_end(key)
                reordered(value)
    elif isinstance(data, list):
        for item in data:
            reordered(item)
    return data


def lines_of(text, line):
    """Change the lines of the text that are no part of a plaintext block scalar."""
    return "".join(map(line, text.splitlines(keepends=True)))


INDENTS = {
    "sequences flush": {"mapping": 2, "sequence": 2, "offset": 0},
    "sequences indented": {"mapping": 2, "sequence": 4, "offset": 2},
    "four": {"mapping": 4, "sequence": 4, "offset": 2},
    "four and six": {"mapping": 4, "sequence": 6, "offset": 4},
    "one": {"mapping": 1, "sequence": 2, "offset": 0},
}


@pytest.mark.parametrize("indent", INDENTS)
def test_indentation(indent, plain, encrypted, keyring):
    def tool(text):
        return ruamel(text, indent=INDENTS[indent])

    survives(tool, plain, encrypted, keyring)


@pytest.mark.parametrize("width", [20, 80, 100_000])
def test_line_width(width, plain, encrypted, keyring):
    """A sealed scalar has no place where it could be folded."""
    text = ruamel(encrypted, width=width)
    assert len(re.findall(r"yv1\.[\w-]{8}\.[\w-]{100,}", text)) == encrypted.count("yv1.")
    check(plain, text, keyring)


@pytest.mark.parametrize("width", [20, 80])
@pytest.mark.parametrize("form", ['"{}"', "'{}'"])
def test_quoted_sealed_scalars_are_not_folded_either(form, width, plain, encrypted, keyring):
    text = ruamel(sealed_in(form)(encrypted), width=width, preserve_quotes=True)
    check(plain, text, keyring)


@pytest.mark.parametrize(
    "form", ['"{}"', "'{}'", ">-\n                {}", "|-\n                {}"]
)
def test_other_styles_of_sealed_scalars(form, plain, encrypted, keyring):
    """What is sealed is the value of the scalar, however it is written."""
    if "\n" in form and re.search(r"[\[{][^\]}]*yv1", encrypted):
        pytest.skip("no block scalar stands in a flow collection")
    check(plain, sealed_in(form)(re.sub(r"\s+#.*", "", encrypted)), keyring)


def test_keys_reordered(plain, encrypted, keyring):
    """The metadata may stand anywhere among the top-level keys then."""
    text = ruamel(encrypted, reordered)
    assert plain == ITEMS or text.index("yamlvault:") < len(text) / 2
    check(plain, text, keyring)


def test_keys_sorted_with_metadata_in_the_middle(recipient, keyring):
    data = yamlvault.encrypt("zoo: 1\na: {z: x, b: y}\n", keks=[recipient], keyring=keyring)
    text = yaml.safe_dump(yaml.safe_load(data), sort_keys=True)
    assert text.startswith("a:")
    assert "\nzoo: yv1." in text
    check("zoo: 1\na: {z: x, b: y}\n", text, keyring)


def test_comments_added(plain, encrypted, keyring):
    """On lines of their own, behind sealed scalars, and in the metadata."""

    def commented(line):
        body = line.rstrip("\n")
        tail = "  # behind" if re.search(r"(yv1\.[\w.-]+|[\w\"\]]:?)$", body) else ""
        return f"  # above\n{body}{tail}\n"

    if re.search(r"[:-] [|>]", encrypted):
        pytest.skip("has a plaintext block scalar: a comment in it is text")
    check(plain, lines_of(encrypted, commented), keyring)


def test_comments_removed(plain, encrypted, keyring):
    def bare(line):
        return "" if re.match(r"\s*#", line) else re.sub(r"\s+#.*", "", line)

    check(plain, lines_of(encrypted, bare), keyring)


def test_blank_lines_added(plain, encrypted, keyring):
    """Behind a block scalar that keeps trailing line breaks, too."""
    if re.search(r"[:-] [|>]", encrypted) or "    two" in encrypted:
        pytest.skip("has plaintext of several lines: a blank line in it is text")
    check(plain, encrypted.replace("\n", "\n\n"), keyring)


def test_blank_lines_removed(plain, encrypted, keyring):
    if encrypted.count("\n\n") and re.search(r"[:-] [|>]", encrypted):
        pytest.skip("has plaintext of several lines: a blank line in it is text")
    text = re.sub(r"\n\n+", "\n", encrypted)
    if re.search(r"several: one\n", text):
        pytest.skip("has a plain scalar of several lines")
    check(plain, text, keyring)


def test_crlf(plain, encrypted, keyring):
    check(plain, encrypted.replace("\n", "\r\n"), keyring)


def test_lf(plain, recipient, keyring):
    """The other way round: a file written on Windows, checked out elsewhere."""
    crlf = plain.replace("\n", "\r\n")
    data = yamlvault.encrypt(crlf, keks=[recipient], keyring=keyring)
    check(plain, data.replace(b"\r\n", b"\n"), keyring)


def test_trailing_spaces(plain, encrypted, keyring):
    if re.search(r"[:-] [|>]", encrypted):
        pytest.skip("has a plaintext block scalar: spaces in it are text")
    check(plain, encrypted.replace("\n", "  \n"), keyring)


def test_byte_order_mark(plain, encrypted, keyring):
    check(plain, "\ufeff" + encrypted, keyring)


def test_document_markers(plain, encrypted, keyring):
    text = encrypted if encrypted.startswith("---") else f"---\n{encrypted}"
    check(plain, f"%YAML 1.1\n{text}...\n", keyring)


def test_no_final_newline(plain, encrypted, keyring):
    check(plain, encrypted.rstrip("\n"), keyring)


@pytest.mark.parametrize("settings", [{}, {"preserve_quotes": True}, {"explicit_start": True}])
def test_ruamel_round_trip(settings, plain, encrypted, keyring):
    check(plain, ruamel(encrypted, **settings), keyring)


@pytest.mark.parametrize("settings", [{}, {"preserve_quotes": True}])
def test_ruamel_round_trip_of_a_stream(settings, recipient, keyring):
    data = yamlvault.encrypt(STREAM, keks=[recipient], keyring=keyring).decode()
    check(STREAM, ruamel(data, **settings), keyring)


def test_the_metadata_document_in_flow_style(recipient, keyring):
    """It is the metadata document whatever its style, and `decrypt` takes it out as a whole."""
    data = yamlvault.encrypt("- a\n", keks=[recipient], keyring=keyring).decode()
    first, last = yaml.safe_load_all(data)
    text = f"- {first[0]}\n---\n{json.dumps(last)}\n"
    assert yamlvault.decrypt(text, keyring=keyring) == b"- a\n"


DUMPS = {
    "as it comes": {},
    "block": {"default_flow_style": False},
    "flow": {"default_flow_style": True},
    "flow, narrow": {"default_flow_style": True, "width": 20},
    "flow, wide": {"default_flow_style": True, "width": 100_000},
    "narrow": {"width": 10},
    "four": {"indent": 4},
    "double quotes": {"default_style": '"'},
    "single quotes": {"default_style": "'"},
    "block scalars": {"default_style": "|"},
    "folded": {"default_style": ">"},
    "unicode": {"allow_unicode": True, "sort_keys": False},
    "canonical": {"canonical": True},
    "CRLF": {"line_break": "\r\n"},
}


@pytest.mark.parametrize("dump", DUMPS)
@pytest.mark.parametrize("name", ["plain", "items", "text"])
@pytest.mark.parametrize("dumper", [yaml.SafeDumper, yaml.CSafeDumper])
def test_pyyaml_dump(dump, name, dumper, recipient, keyring):
    """Even a tool that knows the values only, and neither styles nor comments."""
    text = yamlvault.encrypt(DOCUMENTS[name], keks=[recipient], keyring=keyring).decode()
    dumped = yaml.dump_all(yaml.safe_load_all(text), Dumper=dumper, **DUMPS[dump])
    if "default_style" in DUMPS[dump] and dumper is yaml.CSafeDumper:
        pytest.skip("libyaml writes every null and number as a text then")
    if "default_style" in DUMPS[dump] or dump == "canonical":
        dumped = plain_keys(dumped)
    check(DOCUMENTS[name], dumped, keyring)


def plain_keys(text):
    """Take the tags away that PyYAML writes at keys, null and the format where styles are forced.

    `!!int "1"` is the same value with another text; the metadata has no tags.
    """
    text = re.sub(r'!!(?:null|bool|int) [\'"]([^\'"]*)[\'"]', r"\1", text)
    text = re.sub(r"!!(?:null|bool|int) [|>]-\n\s+(\S+)\n", r"\1\n", text)
    return re.sub(r"!!(?:str|map|seq) ", "", text)


@pytest.mark.parametrize("indent", [None, 2, 4])
def test_json(indent, recipient, keyring):
    """Converted to JSON, and back."""
    text = yamlvault.encrypt(ONLY_TEXT, keks=[recipient], keyring=keyring).decode()
    converted = json.dumps(yaml.safe_load(text), indent=indent)
    check(ONLY_TEXT, converted, keyring)
    json.loads(converted)
    check(ONLY_TEXT, yaml.safe_dump(json.loads(converted)), keyring)


def test_a_plaintext_number_written_differently_is_refused(recipient, keyring):
    """The text of plaintext counts, since `0x1f` and `31` are the same to some readers only."""
    plain = "a:\n  flags: 0x1f\n  password: x\n"
    data = yamlvault.encrypt(plain, keks=[recipient], seal="$.a.password", keyring=keyring)
    with pytest.raises(IntegrityError, match=r"section \$\.a is not"):
        yamlvault.loads(yaml.safe_dump(yaml.safe_load(data)), keyring=keyring)


def test_a_tool_that_resolves_aliases_is_refused(recipient, keyring):
    """It would put a sealed scalar where it was not sealed for."""
    data = yamlvault.encrypt(LINKED, keks=[recipient], keyring=keyring)
    with pytest.raises(IntegrityError):
        yamlvault.loads(yaml.safe_dump(yaml.safe_load(data)), keyring=keyring)


def test_a_tool_that_takes_the_quotes_from_a_key_is_refused(recipient, keyring):
    """ruamel.yaml reads YAML 1.2: for PyYAML the key `yes` is not "yes" but true."""
    data = yamlvault.encrypt('answers:\n  "yes": no\n', keks=[recipient], keyring=keyring)
    check('answers:\n  "yes": no\n', ruamel(data.decode(), preserve_quotes=True), keyring)
    with pytest.raises(IntegrityError):
        yamlvault.loads(ruamel(data.decode()), keyring=keyring)


def run(command, text, name=None):
    arguments = [*command] if name is None else [*command, name]
    finished = subprocess.run(arguments, input=text.encode(), capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr.decode()
    return finished.stdout.decode()


def _yq():
    """Return the arguments of the `yq` at hand that keep YAML, and those that give JSON."""
    if shutil.which("yq") is None:
        return None
    version = subprocess.run(["yq", "--version"], capture_output=True, text=True, check=False)
    if "mikefarah" in version.stdout:
        return {"yaml": ["yq", "."], "json": ["yq", "-o=json", "."]}
    if shutil.which("jq") is None:
        return None
    return {"yaml": ["yq", "-y", "."], "round trip": ["yq", "-Y", "."], "json": ["yq", "."]}


@pytest.mark.parametrize("form", ["yaml", "round trip", "json"])
@pytest.mark.parametrize("name", ["text", "items"])
def test_yq(form, name, recipient, keyring):
    commands = _yq()
    if commands is None:
        pytest.skip("no yq (with jq) on PATH")
    if form not in commands:
        pytest.skip("this yq has no such form")
    plain = DOCUMENTS[name]
    if name == "items" and form == "json":
        pytest.skip("a stream of two documents is no JSON text")
    text = yamlvault.encrypt(plain, keks=[recipient], keyring=keyring).decode()
    check(plain, run(commands[form], text), keyring)


def _prettier():
    if (found := shutil.which("prettier")) is not None:
        return [found]
    if shutil.which("npx") is None:
        return None
    command = ["npx", "--no-install", "prettier"]
    if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode:
        return None
    return command


@pytest.mark.parametrize(
    "options",
    [[], ["--tab-width=4"], ["--print-width=20", "--prose-wrap=always"], ["--single-quote"]],
    ids=" ".join,
)
def test_prettier(options, plain, encrypted, keyring):
    command = _prettier()
    if command is None:
        pytest.skip("no prettier, neither on PATH nor by npx --no-install")
    survives(
        lambda text: run([*command, "--parser=yaml", *options], text), plain, encrypted, keyring
    )
