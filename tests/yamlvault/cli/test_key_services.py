"""Sessions with key services: both clouds beside age, several scopes, write-only, faults."""

import json
import re
import uuid

import pyrage
import pytest
from servers.faults import close, error, forward, give, hang

SECRETS = (
    "default: &default\n  host: marker-host\n"
    "production:\n  <<: *default\n  password: marker-production\n"
    "staging:\n  <<: *default\n  password: marker-staging\n"
)
WRAPPED = re.compile(r'(?m)^( +)wrapped: "([\w-]+)"$')


@pytest.fixture
def aws(session, moto):
    """A session whose environment leads to moto."""
    session.environment |= moto.environment | {"AWS_EC2_METADATA_DISABLED": "true"}
    return session


@pytest.fixture
def gcp(session, gcp_kms, tmp_path):
    """A session with a key of the emulator and a service account that may use it."""
    principal = "cli@p.iam.gserviceaccount.com"
    session.uri = gcp_kms.create_key()
    gcp_kms.grant(principal, uri=session.uri)
    session.environment |= {
        "YAMLVAULT_GCP_KMS_ENDPOINT": gcp_kms.endpoint,
        "GOOGLE_APPLICATION_CREDENTIALS": gcp_kms.credentials_file(principal, tmp_path),
    }
    gcp_kms.clear()
    return session


def with_identity(session, name="me"):
    """Give the session an age identity, and return its recipient."""
    identity = pyrage.x25519.Identity.generate()
    session.environment["YAMLVAULT_AGE_KEY"] = str(identity)
    return f"age:{identity.to_public()}"


def rules(session, *scopes, **more):
    """Write rules for `secrets.yml`, and the file."""
    rule = {"files": "secrets.yml", "scopes": list(scopes), **more}
    (session.folder / ".yamlvault.yml").write_text(json.dumps({"rules": [rule]}))
    session.file.write_text(SECRETS)


# One request a scope


def test_one_request_whatever_the_number_of_scalars(aws, moto):
    """Encrypting asks KMS once, and so does each reading: the server's own log says it."""
    aws.file.write_text("".join(f"key{n}: marker {n}\n" for n in range(300)))
    key = moto.key()
    moto.clear()
    aws.ok("encrypt", "--kek", f"aws-kms:{key}", "secrets.yml")
    assert moto.requests() == ["Encrypt"]
    for command in (["get", "secrets.yml", "$.key7"], ["get", "secrets.yml"], ["decrypt", "-"]):
        moto.clear()
        aws.ok(*command, input=aws.file.read_text())
        assert moto.requests() == ["Decrypt"]


def test_one_request_to_cloud_kms(gcp, gcp_kms):
    """The same holds for Google's service."""
    gcp.ok("encrypt", "--kek", gcp.uri, "secrets.yml")
    assert [one["operation"] for one in gcp_kms.requests("Encrypt", "Decrypt")] == ["Encrypt"]
    gcp_kms.clear()
    gcp.ok("get", "secrets.yml", "$.production.password")
    assert [one["operation"] for one in gcp_kms.requests("Encrypt", "Decrypt")] == ["Decrypt"]


def test_a_part_opens_its_own_scope_only(aws, moto):
    """`get` of a part asks for the keys that this part needs, and for no other."""
    default, production, staging = (moto.key() for _ in range(3))
    keks = [f"aws-kms:{key}" for key in (default, production, staging)]
    rules(
        aws,
        {"paths": "$.default", "keks": keks},
        {"paths": "$.production", "keks": [keks[1]]},
        {"paths": "$.staging", "keks": [keks[2]]},
    )
    aws.ok("encrypt", "secrets.yml")
    moto.clear()
    assert aws.ok("get", "secrets.yml", "$.staging.password") == "marker-staging\n"
    assert moto.requests() == ["Decrypt"]
    moto.clear()
    aws.ok("get", "secrets.yml", "$.staging")
    assert moto.requests() == ["Decrypt", "Decrypt"]  # with what its alias leads to
    moto.clear()
    aws.ok("get", "secrets.yml")
    assert moto.requests() == ["Decrypt"] * 3


# Several KEKs


def test_any_kek_opens(aws, gcp, moto):
    """A file for both clouds and an identity is opened by each of them alone."""
    keks = [f"aws-kms:{moto.key()}", gcp.uri, with_identity(aws)]
    aws.ok("encrypt", *(word for kek in keks for word in ("--kek", kek)), "secrets.yml")
    whole = dict(aws.environment)
    for lacking in (
        ["YAMLVAULT_AGE_KEY", "GOOGLE_APPLICATION_CREDENTIALS", "YAMLVAULT_GCP_KMS_ENDPOINT"],
        ["YAMLVAULT_AGE_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GOOGLE_APPLICATION_CREDENTIALS"],
    ):
        aws.environment = {name: text for name, text in whole.items() if name not in lacking}
        aws.environment |= {"NO_GCE_CHECK": "true"}
        assert "marker" in aws.ok("get", "secrets.yml", "$.production.password")


def test_an_identity_is_tried_before_the_network(aws, moto):
    """Where an age identity opens the file, no service is asked."""
    keks = [f"aws-kms:{moto.key()}", with_identity(aws)]
    aws.ok("encrypt", *(word for kek in keks for word in ("--kek", kek)), "secrets.yml")
    moto.clear()
    aws.ok("get", "secrets.yml")
    assert moto.requests() == []


def test_each_kek_has_its_reason(aws, gcp, gcp_kms, moto, faults):
    """Where none opens, the one error says why of each, with operation and permission."""
    key = moto.key()
    keks = [f"aws-kms:{key}", gcp.uri, with_identity(aws)]
    aws.ok("encrypt", *(word for kek in keks for word in ("--kek", kek)), "secrets.yml")
    faults.do(error("DisabledException"))
    gcp_kms.set_state(gcp.uri, "DISABLED")
    del aws.environment["YAMLVAULT_AGE_KEY"]
    said = aws.refused("get", "secrets.yml", env={"AWS_ENDPOINT_URL": faults.url})
    for part in (
        f"aws-kms:{key}: kms:Decrypt: the key is disabled",
        f"{gcp.uri}: cloudkms Decrypt, which needs cloudkms.cryptoKeyVersions.useToDecrypt: ",
        "the key is disabled (",
        f"{keks[2]}: no age identity is at hand",
        "hint: ",
    ):
        assert part in said


def test_a_service_that_hangs_leaves_time_for_the_next(aws, moto, faults):
    """One deadline is shared: behind a service that says nothing the other is asked in time."""
    lazy, other = "arn:aws:kms:eu-west-1:123456789012:key/" + "0" * 8, moto.key()
    lazy += "-0000-0000-0000-" + "0" * 12
    aws.ok("encrypt", "--kek", f"aws-kms:{other}", "secrets.yml")
    # one endpoint stands for both: it is silent for the first key, and passes on the other's
    text = aws.file.read_text()
    stanza = re.search(r'(?m)^ +- kek: "aws-kms.*\n +wrapped: .*\n', text)[0]
    aws.file.write_text(text.replace(stanza, stanza.replace(other, lazy) + stanza))
    faults.do(hang, forward(moto.url))
    said = aws.run("get", "--timeout", "4", "secrets.yml", env={"AWS_ENDPOINT_URL": faults.url})
    assert said.returncode == 1
    # it opened; and what was added by hand is seen then
    assert "the metadata is not what was encrypted" in said.stderr
    assert faults.seen == ["Decrypt", "Decrypt"]


# Write-only developers


@pytest.fixture
def developer(aws, moto):
    """Return the environment of a user who may encrypt and not decrypt, as moto enforces it."""
    iam, name = moto.client("iam"), f"developer-{uuid.uuid4()}"
    iam.create_user(UserName=name)
    policy = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}
    iam.put_user_policy(
        UserName=name,
        PolicyName="encrypt",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_SESSION_TOKEN": "",
    }


def test_a_developer_who_may_only_encrypt(aws, moto, developer):
    """`set` and `encrypt` add secrets, say how, and an administrator's rotate folds the keys."""
    kek = f"aws-kms:{moto.key()}"
    rules(aws, {"paths": "$", "keks": [kek]}, append=True)
    aws.ok("encrypt", "secrets.yml")
    with moto.enforcing():
        said = aws.run("set", "secrets.yml", "$.staging.token", input="marker-new\n", env=developer)
        assert said.returncode == 0, said.stderr
        assert "write-only" in said.stderr
        aws.file.write_text(aws.file.read_text().replace("staging:", "staging:\n  more: marker-2"))
        assert "write-only" in aws.run("encrypt", "secrets.yml", env=developer).stderr
        assert "denied" in aws.refused("get", "secrets.yml", env=developer)
    moto.clear()
    assert aws.ok("get", "secrets.yml", "$.staging.token") == "marker-new\n"
    assert moto.requests() == ["Decrypt"] * 3
    aws.ok("rotate", "secrets.yml")
    moto.clear()
    assert aws.ok("get", "secrets.yml", "$.staging.more") == "marker-2\n"
    assert moto.requests() == ["Decrypt"]


def test_without_leave_nobody_adds(aws, moto, developer):
    """Without `append` a file that does not open is refused, and the hint says what would allow."""
    rules(aws, {"paths": "$", "keks": [f"aws-kms:{moto.key()}"]})
    aws.ok("encrypt", "secrets.yml")
    before = aws.files()
    with moto.enforcing():
        said = aws.refused("set", "secrets.yml", "$.staging.x", input="v", env=developer)
    assert "append: true" in said
    assert aws.files() == before


# Bad input


def test_another_context(aws, moto):
    """A stanza whose context was changed does not open, and is not said to be anything else."""
    aws.ok("encrypt", "--kek", f"aws-kms:{moto.key()}", "--context", "a=b", "secrets.yml")
    aws.file.write_text(aws.file.read_text().replace('"a": "b"', '"a": "c"'))
    assert "its context is another one" in aws.refused("get", "secrets.yml")


def test_a_stanza_of_another_file(aws, moto):
    """A wrapped key of another document opens, and fits no MAC of this one."""
    key = moto.key()
    aws.ok("encrypt", "--kek", f"aws-kms:{key}", "secrets.yml")
    (aws.folder / "other.yml").write_text("a: marker-other\n")
    aws.ok("encrypt", "--kek", f"aws-kms:{key}", "other.yml")
    foreign = WRAPPED.search((aws.folder / "other.yml").read_text())[2]
    text = aws.file.read_text()
    aws.file.write_text(text.replace(WRAPPED.search(text)[2], foreign))
    assert "is not what was encrypted" in aws.refused("get", "secrets.yml")


def test_another_keys_plaintext(aws, moto, faults):
    """An answer of another key is refused; and one that lies about its key fits no MAC."""
    key = moto.key()
    aws.ok("encrypt", "--kek", f"aws-kms:{key}", "secrets.yml")
    lying = {"AWS_ENDPOINT_URL": faults.url}
    faults.do(give(KeyId=key[:-1] + "x", Plaintext=bytes(32)))
    said = aws.refused("get", "secrets.yml", env=lying)
    assert "kms:Decrypt" in said
    faults.do(give(KeyId=moto.key(), Plaintext=bytes(32)))
    said = aws.refused("get", "secrets.yml", env=lying)
    assert "not of the key that was asked" in said
    faults.do(give(KeyId=key, Plaintext=bytes(32)))
    assert "is not what was encrypted" in aws.refused("get", "secrets.yml", env=lying)


def test_more_than_a_service_takes(aws, moto):
    """A secret of any size is sealed; a stanza or context that is too long is never sent."""
    kek = f"aws-kms:{moto.key()}"
    aws.file.write_text(f"a: {'marker' * 200_000}\n")
    aws.ok("encrypt", "--kek", kek, "secrets.yml")
    assert aws.ok("get", "-n", "secrets.yml", "$.a") == "marker" * 200_000
    text = aws.file.read_text()
    aws.file.write_text(text.replace(WRAPPED.search(text)[2], "A" * 8196))
    moto.clear()
    aws.refused("get", "secrets.yml")
    (aws.folder / "other.yml").write_text("a: 1\n")
    context = f"name={'x' * 9000}"
    said = aws.refused("encrypt", "--kek", kek, "--context", context, "other.yml")
    assert "context" in said
    assert moto.requests() == []


# A service that is gone


def test_gone_in_the_middle_of_a_rotate(aws, moto, faults):
    """Each file is old or new, nothing is left behind, and the same command does the rest."""
    kek = f"aws-kms:{moto.key()}"
    names = [f"{number:02}.yml" for number in range(50)]
    for name in names:
        (aws.folder / name).write_text(f"a: marker-{name}\n")
    aws.ok("encrypt", "--kek", kek, *names)
    before = aws.files()
    through = {"AWS_ENDPOINT_URL": faults.url}
    # a Decrypt and an Encrypt for each file; what is half done of the 21st is nothing
    faults.do(*[forward(moto.url)] * 41, close)
    done = aws.run("rotate", "--timeout", "5", *names, env=through)
    assert done.returncode == 1
    assert "20 of 50 files rotated, 1 failed, 29 not tried" in done.stderr
    assert "Traceback" not in done.stderr
    between = aws.files()
    assert between.keys() == before.keys()
    assert [name for name in names if between[name] != before[name]] == names[:20]
    done = aws.run("rotate", *names)
    assert done.returncode == 0
    assert "20 files that it has done are left out" in done.stderr
    after = aws.files()
    assert [name for name in names if after[name] != between[name]] == names[20:]
    for name in names:
        assert aws.ok("get", name, "$.a") == f"marker-{name}\n"
    assert list((aws.home / ".local/state/yamlvault").iterdir()) == []


def test_a_deadline_holds(aws, moto, faults):
    """A service that says nothing ends the command with one error, and the file is whole."""
    aws.ok("encrypt", "--kek", f"aws-kms:{moto.key()}", "secrets.yml")
    before = aws.files()
    faults.do(hang)
    lazy = {"AWS_ENDPOINT_URL": faults.url}
    for command in (["get"], ["encrypt"], ["rotate"], ["decrypt", "-i"]):
        said = aws.refused(*command, "--timeout", "1", "secrets.yml", env=lazy)
        assert "no answer within the deadline" in said
    assert aws.files() == before


def test_a_credentials_endpoint_that_hangs(aws, moto, faults):
    """Looking for credentials counts too."""
    aws.ok("encrypt", "--kek", f"aws-kms:{moto.key()}", "secrets.yml")
    faults.do(hang)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        del aws.environment[name]
    lazy = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{faults.url}/credentials"}
    for client in ("light", "sdk"):
        said = aws.refused(
            "get", "--timeout", "2", "secrets.yml", env=lazy | {"YAMLVAULT_KMS_CLIENT": client}
        )
        assert "kms:Decrypt: no answer within the deadline" in said


def test_attempts_are_told(aws, moto, faults):
    """Each further attempt is a line at -v, and none without."""
    aws.ok("encrypt", "--kek", f"aws-kms:{moto.key()}", "secrets.yml")
    throttled = error("ThrottlingException")
    through = {"AWS_ENDPOINT_URL": faults.url}
    faults.do(throttled, throttled, forward(moto.url))
    done = aws.run("get", "-v", "secrets.yml", "$.production.password", env=through)
    assert done.returncode == 0
    assert done.stderr.count("too many requests") == 2
    faults.do(throttled, forward(moto.url))
    assert aws.run("get", "secrets.yml", env=through).stderr == ""


# Rights from the rule


def test_the_rule_names_a_profile(aws, moto):
    """A KEK's `profile` in the rule is used, and what the environment says comes before it."""
    key = f"aws-kms:{moto.key()}"
    (aws.folder / "config").write_text(
        "[profile shop]\naws_access_key_id = AKIAFROMPROFILE\naws_secret_access_key = x\n"
        "[profile other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n"
    )
    aws.environment["AWS_CONFIG_FILE"] = str(aws.folder / "config")
    rules(aws, {"paths": "$", "keks": [{"kek": key, "profile": "shop"}]})
    moto.clear()
    aws.ok("encrypt", "secrets.yml")
    aws.ok("get", "secrets.yml", env={"YAMLVAULT_AWS_PROFILE": "other"})
    assert moto.signers() == ["AKIAFROMPROFILE", "AKIAOTHER"]


def test_rewrap_leaves_a_stanza_of_an_alias(aws, moto):
    """A rule's alias is resolved: a stanza of the key that it leads to is kept as it is."""
    key = moto.key(alias="alias/cli-shop")
    rules(aws, {"paths": "$", "keks": ["aws-kms:alias/cli-shop"], "context": {"a": "b"}})
    aws.ok("encrypt", "secrets.yml")
    before = aws.file.read_bytes()
    assert f"aws-kms:{key}".encode() in before
    aws.ok("rewrap", "secrets.yml")
    assert aws.file.read_bytes() == before
    aws.ok("rewrap", "--fresh", "secrets.yml")
    assert aws.file.read_bytes() != before
