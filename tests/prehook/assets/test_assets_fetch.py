"""The step `assets` against a server of S3."""

import hashlib
import json
import os
import stat

import pytest
from assets_place import BUCKET, KEY, MANIFEST
from servers.aws import ACCESS_KEY
from sessions import eventually

SPROCKETS = ".sprockets-manifest-0123456789abcdef0123456789abcdef.json"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

pytestmark = pytest.mark.usefixtures("moto", "bucket")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_fetched(place, moto):
    """The manifest is where the framework looks, byte for byte; one request, signed, gets it."""
    result = place.fetch()
    assert (result.returncode, result.stdout) == (0, b"started\n"), result.stderr
    assert place.target.read_bytes() == MANIFEST
    assert mode(place.target) == 0o644
    assert moto.requests() == [f"GET /{BUCKET}/{KEY}"]
    assert moto.signers() == [ACCESS_KEY["AWS_ACCESS_KEY_ID"]]
    assert f"s3://{BUCKET}/{KEY} written to public/m.json".encode() in result.stderr


def test_variables(place, bucket, monkeypatch):
    """Bucket, key, target, region and endpoint can name variables."""
    bucket(f"m/test/{COMMIT}/s.json", b'{"a": 1}')
    values = {
        "APP_ENV": "test",
        "GIT_SHA1": COMMIT,
        "B": "my",
        "URL": os.environ["AWS_ENDPOINT_URL"],
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    result = place.fetch(
        bucket="{{ env.B }}-assets",
        key="m/{{ env.APP_ENV }}/{{ env.GIT_SHA1 }}/s.json",
        to="{{ env.APP_ENV }}/m.json",
        region="{{ env.AWS_REGION }}",
        endpoint="{{ env.URL }}",
    )
    assert result.returncode == 0, result.stderr
    assert (place.folder / "test" / "m.json").read_bytes() == b'{"a": 1}'


@pytest.mark.parametrize("key", ["a b+c%2F/ü~é!'()*.json", "{}=&?#;:@,$.json", "x/-_./y..z"])
def test_keys_of_all_characters(place, bucket, key):
    """A key is asked for as it is, whatever is in it."""
    bucket(key, b'{"its": 1}')
    assert place.fetch(key=key).returncode == 0
    assert place.target.read_bytes() == b'{"its": 1}'


def test_a_large_one(place, bucket):
    """A manifest of several MiB is read whole."""
    data = json.dumps({f"{number:09}.js": f"{number:09}-0123.js" for number in range(99_999)})
    bucket("large.json", data.encode())
    assert place.fetch(key="large.json").returncode == 0
    assert place.target.read_text() == data


def test_there_already(place):
    """The same content is left as it is: nothing is written where nothing can be."""
    assert place.fetch().returncode == 0
    before = place.target.stat()
    result = place.fetch()
    assert result.returncode == 0
    assert b"there already, and the same: public/m.json" in result.stderr
    after = place.target.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_content_is_replaced(place):
    """What stood there is replaced as a whole, and its mode stays."""
    place.target.parent.mkdir()
    place.target.write_bytes(b'{"old": 1}')
    place.target.chmod(0o640)
    inode = place.target.stat().st_ino
    assert place.fetch().returncode == 0
    assert place.target.read_bytes() == MANIFEST
    assert place.target.stat().st_ino != inode
    assert mode(place.target) == 0o640


def test_a_mode(place):
    """The mode of choice is given, to a file with the same content too."""
    assert place.fetch().returncode == 0
    assert place.fetch(mode="0600").returncode == 0
    assert mode(place.target) == 0o600


def test_sprockets(place):
    """Of Sprockets' manifests the new one alone is left, and nothing else is touched."""
    folder = place.folder / "public" / "assets"
    folder.mkdir(parents=True)
    stale = ".sprockets-manifest-" + "f" * 32 + ".json"
    others = [".sprockets-manifest-" + "f" * 40 + ".json", "app.js", "x" + stale, ".manifest.json"]
    for name in (stale, *others):
        (folder / name).write_bytes(b"{}")
    result = place.fetch(to=f"public/assets/{SPROCKETS}")
    assert result.returncode == 0
    assert sorted(os.listdir(folder)) == sorted([SPROCKETS, *others])
    assert f"{stale} removed".encode() in result.stderr


def test_stale_ones_beside_the_same(place):
    """A stale manifest is removed where the new one is in place already."""
    assert place.fetch(to=SPROCKETS).returncode == 0
    stale = place.folder / (".sprockets-manifest-" + "0" * 32 + ".json")
    stale.write_bytes(b"{}")
    assert place.fetch(to=SPROCKETS).returncode == 0
    assert not stale.exists()
    assert (place.folder / SPROCKETS).read_bytes() == MANIFEST


def test_stale_ones_stay_after_a_failure(place):
    """Where the new one can't be had, the old one is left."""
    stale = place.folder / (".sprockets-manifest-" + "0" * 32 + ".json")
    stale.write_bytes(b"{}")
    assert place.fetch(to=SPROCKETS, key="nothing").returncode == 125
    assert stale.exists()


def test_the_checksum(place, bucket):
    """A checksum in the metadata is compared: as it is, or not at all."""
    good = hashlib.sha256(b'{"a": 1}').hexdigest()
    bucket("summed.json", b'{"a": 1}', Metadata={"sha256": good})
    assert place.fetch(key="summed.json").returncode == 0
    place.target.unlink()
    bucket("wrong.json", b'{"a": 2}', Metadata={"sha256": good})
    place.refused(
        f"s3://{BUCKET}/wrong.json: its SHA-256 is not the one in its metadata",
        "upload it again",
        key="wrong.json",
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is not JSON (line 1)"),
        (b'{"a": 1,\n"b": marker}', "it is not JSON (line 2)"),
        (b'{"a": 1', "it is not JSON"),
        (b"\xff\xfe{", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[]", "it is JSON, and not an object"),
        (b"null", "it is JSON, and not an object"),
        (b"{}", "it is an empty JSON object"),
    ],
)
def test_what_is_no_manifest(place, bucket, data, says):
    """What no framework could read is refused, and not written."""
    bucket("bad.json", data)
    lines = place.refused(f"s3://{BUCKET}/bad.json: {says}", key="bad.json")
    assert "marker" not in "".join(lines)


def test_compressed(place, bucket):
    """What was uploaded compressed for browsers is told as that."""
    bucket("gz.json", b"\x1f\x8b", ContentEncoding="gzip")
    place.refused(
        f's3://{BUCKET}/gz.json: it is stored with the Content-Encoding "gzip"', key="gz.json"
    )


def test_no_such_key(place):
    """A key that is not there is told as that, at once."""
    place.refused(
        f"s3://{BUCKET}/m/x.json: there is no such key;",
        "was it uploaded, for this environment and commit?",
        key="m/x.json",
    )


def test_no_such_bucket(place):
    """A bucket that is not there is another matter than a key."""
    place.refused(
        f"s3://no-such-bucket/{KEY}: there is no such bucket", "`bucket`", bucket="no-such-bucket"
    )


def test_denied(place, moto, monkeypatch):
    """Without the right to read, it can't be told whether it is there; both are said."""
    iam = moto.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    with moto.enforcing():
        place.refused(f"s3://{BUCKET}/{KEY}: missing or denied", "s3:GetObject")


def test_waiting_for_a_key(start, place, bucket, moto):
    """With `wait_for`, a manifest that is uploaded meanwhile is fetched."""
    place.write(key="m/late.json", wait_for="60s")
    session = start("-f", "plan.yml", "--", "echo", "started", cwd=place.folder)
    eventually(lambda: "waiting for it, up to 60 s" in session.stderr)
    bucket("m/late.json")
    assert session.wait() == 0
    assert place.target.read_bytes() == MANIFEST
    assert session.stderr.count("waiting for it") == 1


def test_the_wait_is_bounded(place, moto):
    """A key that never comes is asked for again, and then told as missing."""
    place.refused(f"s3://{BUCKET}/m/x.json: there is no such key", key="m/x.json", wait_for="1s")
    assert len(moto.requests()) > 1


def test_two_of_them_overlap(place, bucket, moto):
    """Several manifests can be fetched by steps beside each other."""
    bucket("m/two.json", b'{"two": 2}')
    one = '{bucket: my-assets, key: "%s", to: %s.json}'
    steps = "".join(f"  - assets: {one % pair}\n" for pair in ((KEY, "one"), ("m/two.json", "two")))
    place.write()
    (place.folder / "plan.yml").write_text(f"steps:\n{steps}")
    result = place.run()
    assert result.returncode == 0, result.stderr
    assert (place.folder / "one.json").read_bytes() == MANIFEST
    assert (place.folder / "two.json").read_bytes() == b'{"two": 2}'


def test_the_target_can_not_be_written(place):
    """A file where a directory has to be is told with the path."""
    (place.folder / "public").write_bytes(b"")
    result = place.fetch()
    assert result.returncode == 125
    assert (
        f"{place.folder}/public: can't create the directory: File exists".encode() in result.stderr
    )


def test_ended_by_term(start, place, monkeypatch):
    """TERM while it waits ends the start with 128+15, and writes nothing."""
    place.write(key="m/never.json", wait_for="60s")
    session = start("-f", "plan.yml", "--", "echo", "started", cwd=place.folder)
    eventually(lambda: "waiting for it" in session.stderr)
    session.signal(15)
    assert session.wait() == 143
    assert not place.target.exists()


def test_explained(place):
    """`explain` says where it comes from and goes to, asks nobody, and shows no value."""
    place.write(key="m/{{ env.AWS_SECRET_ACCESS_KEY }}.json", mode="0640", wait_for="30s")
    text = place.explained()
    assert f"s3://{BUCKET}/m/{{{{ env.AWS_SECRET_ACCESS_KEY }}}}.json" in text
    assert "public/m.json" in text
    assert "0640" in text
    assert "up to 30 s" in text
    assert "90 s" in text  # the time of a fetch, and that of the wait
    assert ACCESS_KEY["AWS_SECRET_ACCESS_KEY"] not in text
