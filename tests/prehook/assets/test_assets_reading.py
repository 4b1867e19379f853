"""What a plan can say of `assets`: mistakes are told with their place, before anything runs."""

import pytest
from sessions import run

GOOD = {"bucket": "my-assets", "key": "m/staging.json", "to": "public/m.json"}


@pytest.fixture
def read(tmp_path):
    """Let prehook read a plan of a hook and of a step `assets`; return what it says."""

    def refused(**settings):
        fields = "".join(
            f"      {name}: {value}\n"
            for name, value in {**GOOD, **settings}.items()
            if value is not None
        )
        text = f"steps:\n  - run: touch ran\n  - assets:\n{fields}"
        (tmp_path / "plan.yml").write_text(text)
        result = run("-f", "plan.yml", "--", "true", cwd=tmp_path)
        assert result.returncode == 125
        assert not (tmp_path / "ran").exists()
        return result.stderr.decode()

    return refused


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"bucket": None}, "the key `bucket` is missing"),
        ({"key": None}, "the key `key` is missing"),
        ({"to": None}, "the key `to` is missing"),
        ({"bukket": "x"}, "plan.yml:7:7: unknown key 'bukket'"),
        ({"bucket": "s3://my-assets"}, 'plan.yml:4:15: "s3://my-assets" is not the name of a'),
        ({"bucket": "My_Assets"}, "is not the name of a bucket"),
        ({"bucket": "arn:aws:s3:::x"}, "is not the name of a bucket"),
        ({"key": "/m.json"}, "has an empty part"),
        ({"key": "m//m.json"}, "has an empty part"),
        ({"key": "m/"}, "has an empty part"),
        ({"key": "m/../x.json"}, "has a part that is . or .."),
        ({"key": '"m\\tx.json"'}, "has an unprintable character"),
        ({"key": "m/{{ enw.X }}"}, '"enw" is not defined'),
        ({"to": "public/"}, '"public/" names a directory'),
        ({"to": "public/.."}, "names a directory"),
        (
            {"to": f"public/.sprockets-manifest-{'a' * 40}.json"},
            "plan.yml:6:11: Sprockets does not look at",
        ),
        ({"region": "eu_west_1"}, '"eu_west_1" is not a region'),
        ({"endpoint": "localhost:4566"}, "`endpoint` holds is not the URL"),
        ({"wait_for": "soon"}, "wait_for"),
        ({"mode": "rw"}, "an octal mode"),
        ({"mode": "[1]"}, "a text is expected"),
    ],
)
def test_mistakes(read, settings, says):
    """A mistake is told with its place; the hook in front has not run."""
    assert says in read(**settings)


def test_no_mapping(tmp_path):
    """A text alone says too little."""
    (tmp_path / "plan.yml").write_text("steps:\n  - assets: my-assets\n")
    result = run("-f", "plan.yml", "--", "true", cwd=tmp_path)
    assert result.returncode == 125
    assert b"plan.yml:2:13: a mapping with bucket, key, to" in result.stderr


def test_skipped(tmp_path):
    """A build, which has no manifest yet, leaves the step out by its name."""
    fields = "".join(f"      {name}: {value}\n" for name, value in GOOD.items())
    (tmp_path / "plan.yml").write_text(f"steps:\n  - assets:\n{fields}")
    result = run("-f", "plan.yml", "--", "true", cwd=tmp_path, env={"PREHOOK_SKIP": "assets"})
    assert result.returncode == 0, result.stderr
    assert b"assets: skipped" in result.stderr
