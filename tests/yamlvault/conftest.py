from collections import Counter

import distant as distant_module
import pytest
import yaml

from yamlvault import kek
from yamlvault.document import events

SUITE = "yaml-test-suite"


@pytest.fixture(params=["libyaml", "pure"])
def parser(request, monkeypatch):
    """Let yamlvault have only one of PyYAML's two parsers; return the loader class."""
    if request.param not in events.PARSERS:
        pytest.skip("PyYAML was built without libyaml")
    loader = events.PARSERS[request.param]
    monkeypatch.setattr(events, "PARSERS", {request.param: loader})
    monkeypatch.setattr(yaml, "__with_libyaml__", request.param == "libyaml")
    return loader


@pytest.fixture
def distant(monkeypatch):
    """Let the KEKs of clouds be those of `distant.py`; return what they are asked."""
    for scheme in ("aws-kms", "gcp-kms"):
        monkeypatch.setitem(kek._MODULES, scheme, "distant")
    distant_module.ASKED.clear()
    return distant_module.ASKED


def pytest_terminal_summary(terminalreporter):
    """Print what became of the YAML test suite's cases; properties also come through xdist."""
    outcomes = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == SUITE and getattr(report, "when", "") == "call":
                    parser, case, outcome = value
                    ok = outcome if report.passed else "FAILED"
                    outcomes.setdefault(parser, {}).setdefault(ok, []).append(case)
    if not outcomes:
        return
    terminalreporter.section("YAML test suite")
    for parser, cases in sorted(outcomes.items()):
        counts = Counter({outcome: len(names) for outcome, names in cases.items()})
        parts = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
        terminalreporter.write_line(f"{parser}: {counts.total()} cases: {parts}")
        for outcome in ("refused by a rule of ours", "FAILED"):
            if outcome in cases:
                terminalreporter.write_line(f"  {outcome}: {' '.join(sorted(cases[outcome]))}")
