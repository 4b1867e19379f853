"""YAML texts for hypothesis: every style, and styles within styles."""

from hypothesis import strategies as st

# fmt: off
WORDS = st.sampled_from([
    "a", "b c", "x: y", "42", "0o14", "1_000", "yes", "~", "null", "2024-01-01", "1.5", "é", "🔑",
    "- no", "# no", "k #no", "it's", 'say "x"', "a\\b", "=", "<<", "*no", "&no", "!no", "%no", "?",
    "yv1.no", "{x}", "[x]", "a,b", "tab\there", "trailing ", " leading", "", ":",
    "x" * 70, "x " * 60,
])
PLAIN = st.sampled_from([
    "a", "b c", "42", "0o14", "0x1F", "1_000", "yes", "NULL", "2024-01-01", "1:30", ".inf", "é",
    "🔑 k", "a#b", "x'y", 'x"y', "a\\b", "http://x/y=z", "-1", "a-b", "p@ss!", "<<x",
])
# fmt: on
LINES = st.lists(st.sampled_from(["one", "two  ", "", "  deeper", "# no comment", "x: y", "é🔑"]))
TAGS = st.sampled_from(["", "", "", "", "!x ", "!!str ", "! ", "!<tag:e,2000:y> ", "!e!z "])
COMMENTS = st.sampled_from(["", "", "", " # said", "   #", " # 'quoted' \"", "  # é"])
KEYS = ["k", "key two", "'q'", '"d: q"', "7", "true", "é", "? complex", "~", "/x/", ":sym", "[f]"]


def _single(text):
    return "'" + text.replace("'", "''") + "'"


def _double(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


@st.composite
def flow_scalars(draw):
    """Return a scalar that fits a flow collection."""
    style = draw(st.sampled_from("ppsd"))
    tag = draw(TAGS)
    if style == "p":
        return tag + draw(PLAIN)
    word = draw(WORDS)
    return tag + (_single(word) if style == "s" else _double(word))


@st.composite
def block_scalars(draw, indent):
    """Return a literal or folded scalar with its indicators."""
    header = draw(st.sampled_from("|>")) + draw(st.sampled_from(["", "-", "+", "2", "2-", "+2"]))
    lines = draw(LINES)
    if "2" not in header:
        lines = ["text", *lines]
    step = 2
    body = "".join("\n" + (" " * (indent + step) + line if line else "") for line in lines)
    return header + draw(COMMENTS) + body


@st.composite
def flow_nodes(draw, depth=0):
    """Return a flow node."""
    if depth > 2 or draw(st.booleans()):
        return draw(flow_scalars())
    items = draw(st.lists(flow_nodes(depth + 1), max_size=3))
    space = draw(st.sampled_from(["", " ", "\n      "]))
    if draw(st.booleans()):
        return f"[{space}{', '.join(items)}{space}]"
    pairs = [f"k{number}: {item}" for number, item in enumerate(items)]
    return "{" + space + ", ".join(pairs) + space + "}"


class _Names:
    """The anchors of a document."""

    def __init__(self):
        self.scalars, self.mappings = [], []

    def new(self, names):
        names.append(f"n{len(self.scalars) + len(self.mappings)}")
        return f"&{names[-1]} "


@st.composite
def values(draw, indent, names, depth):
    """Return what stands behind a `:` or a `-`, with its white space in front."""
    kinds = ["scalar"] * 4 + [
        "block",
        "flow",
        "lines",
        "empty",
        "alias",
        "collection",
        "collection",
    ]
    kind = draw(st.sampled_from(kinds))
    if kind == "alias" and names.scalars:
        return " *" + draw(st.sampled_from(names.scalars)) + draw(COMMENTS)
    if kind == "collection" and depth < 3:
        if draw(st.booleans()):
            return "\n" + draw(
                mappings(indent + draw(st.sampled_from([1, 2, 4])), names, depth + 1)
            )
        return "\n" + draw(sequences(indent + 2, names, depth + 1))
    anchor = names.new(names.scalars) if draw(st.integers(0, 5)) == 0 else ""
    if kind == "block":
        return f" {anchor}{draw(TAGS)}" + draw(block_scalars(indent))
    if kind == "flow":
        return " " + draw(flow_nodes()) + draw(COMMENTS)
    if kind == "lines":
        lines = draw(st.lists(st.sampled_from(["w", "x y", "é"]), min_size=2, max_size=3))
        mark = draw(st.sampled_from(["", "'", '"']))
        folded = ("\n" + " " * (indent + 3)).join(lines)
        return f" {anchor}{mark}{folded}{mark}" + draw(COMMENTS)
    if kind == "empty":
        return draw(st.sampled_from(["", " ", " # nothing", " !!null", " ~"]))
    tag = draw(TAGS)
    props = anchor + tag if draw(st.booleans()) else tag + anchor
    style = draw(st.sampled_from("ppsd"))
    if style == "p":
        return f" {props}{draw(PLAIN)}" + draw(COMMENTS)
    word = draw(WORDS)
    return f" {props}{_single(word) if style == 's' else _double(word)}" + draw(COMMENTS)


@st.composite
def mappings(draw, indent, names, depth):
    """Return the lines of a block mapping."""
    lines = []
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=4)):
        space = " " * indent
        value = draw(values(indent, names, depth))
        lines.append(f"{space}{key}{f'{chr(10)}{space}' if key[0] == '?' else ''}:{value}")
        if draw(st.integers(0, 4)) == 0:
            lines.append(draw(st.sampled_from(["", f"{space}# said", "# at the margin", "   "])))
    if names.mappings and draw(st.integers(0, 2)) == 0:
        lines.append(f"{' ' * indent}<<: *{draw(st.sampled_from(names.mappings))}")
    return "\n".join(lines)


@st.composite
def sequences(draw, indent, names, depth):
    """Return the lines of a block sequence."""
    count = draw(st.integers(1, 3))
    return "\n".join(f"{' ' * indent}-{draw(values(indent, names, depth))}" for _ in range(count))


@st.composite
def documents(draw):
    """Return one document, with its markers."""
    names = _Names()
    kind = draw(st.sampled_from(["mapping"] * 5 + ["sequence", "flow", "scalar"]))
    head = "%TAG !e! tag:example.com,2000:\n---\n"
    if kind == "flow":
        return head + draw(flow_nodes())
    if kind == "scalar":
        return head[:-1] + draw(values(-1, names, 9))
    first = ""
    if kind == "mapping" and draw(st.booleans()):
        first = f"defaults: {names.new(names.mappings)}\n" + draw(mappings(2, _Names(), 2)) + "\n"
    node = mappings if kind == "mapping" else sequences
    return head + first + draw(node(0, names, 0))


@st.composite
def streams(draw):
    """Return the bytes of a stream."""
    parts = draw(st.lists(documents(), min_size=1, max_size=3))
    text = "\n...\n".join(parts) + draw(
        st.sampled_from(["", "\n", "\n", "\n\n", "\n# end\n", "\n...\n"])
    )
    if draw(st.integers(0, 3)) == 0:
        text = text.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if draw(st.integers(0, 5)) == 0 else b"") + text.encode()
