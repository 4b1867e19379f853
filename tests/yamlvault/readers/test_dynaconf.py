"""The loader for dynaconf, with the real one."""

import traceback

import pyrage
import pytest
from dynaconf import Dynaconf, ValidationError, Validator

import yamlvault
from yamlvault import ScopeRule

MARK = "hunter2-marker"
PLAIN = f"""\
default:
  name: shop
  database: {{host: db, password: {MARK}}}
  replicas: [a]
Production:
  password: {MARK}
  database: {{dynaconf_merge: true, host: db.production}}
staging:
  password: of staging
global:
  region: eu
"the \\"odd\\" one":
  password: odd
"""
LOADERS = ["yamlvault.readers.dynaconf", "dynaconf.loaders.env_loader"]


@pytest.fixture
def folder(tmp_path, recipient, identity, monkeypatch):
    monkeypatch.setenv("YAMLVAULT_AGE_KEY", identity)
    (tmp_path / "secrets.yml").write_bytes(yamlvault.encrypt(PLAIN, keks=[recipient]))
    return tmp_path


def settings(folder, env=None, **more):
    """Return settings of a folder, with environments if one is given."""
    more = {"YAMLVAULT_FOR_DYNACONF": "secrets.yml", "LOADERS_FOR_DYNACONF": LOADERS} | more
    if env is not None:
        more |= {"environments": True, "env": env}
    return Dynaconf(root_path=str(folder), **more)


def test_environments(folder):
    """Default, then the environment, whatever the case of its name, then global; merged."""
    found = settings(folder, "production")
    assert (found.NAME, found.PASSWORD, found.REGION) == ("shop", MARK, "eu")
    assert found.DATABASE == {"host": "db.production", "password": MARK}
    assert found.replicas == ["a"]
    assert settings(folder, "staging").PASSWORD == "of staging"
    assert "PASSWORD" not in settings(folder, "development")
    assert settings(folder, 'the "odd" one').PASSWORD == "odd"


def test_another_environment_later(folder):
    """`from_env` and `using_env` read that environment's section."""
    (folder / "settings.yml").write_text("default: {yamlvault_for_dynaconf: secrets.yml}\n")
    found = settings(
        folder, "staging", settings_files=["settings.yml"], YAMLVAULT_FOR_DYNACONF=None
    )
    assert found.PASSWORD == "of staging"
    assert found.from_env("production").PASSWORD == MARK
    with found.using_env("production"):
        assert found.PASSWORD == MARK
    assert found.PASSWORD == "of staging"


def test_without_environments(folder):
    """The whole file, or the section that a path names."""
    assert settings(folder).PRODUCTION.password == MARK
    found = settings(folder, YAMLVAULT_PATH_FOR_DYNACONF="$.staging")
    assert found.PASSWORD == "of staging"
    with pytest.raises(ValueError, match="is for settings without environments"):
        _ = settings(folder, "staging", YAMLVAULT_PATH_FOR_DYNACONF="$.staging").PASSWORD


def test_the_order_of_loaders(folder, monkeypatch):
    """The environment's variables come after the file where their loader does."""
    monkeypatch.setenv("DYNACONF_PASSWORD", "of the environment")
    monkeypatch.setenv("DYNACONF_DATABASE__HOST", "other")
    found = settings(folder, "production")
    assert found.PASSWORD == "of the environment"
    assert found.DATABASE == {"host": "other", "password": MARK}
    found = settings(folder, "production", LOADERS_FOR_DYNACONF=LOADERS[::-1])
    assert found.PASSWORD == MARK


def test_a_fresh_value(folder):
    """One key can be read anew, after the file has changed."""
    found = settings(folder, "staging")
    assert found.PASSWORD == "of staging"
    file = folder / "secrets.yml"
    text = yamlvault.decrypt(file.read_bytes()).replace(b"of staging", b"anew")
    recipients = yamlvault.Keyring().age_recipients()
    file.write_bytes(yamlvault.encrypt(text, keks=[f"age:{recipients[0]}"]))
    assert found.get("PASSWORD") == "of staging"
    assert found.get("PASSWORD", fresh=True) == "anew"


def test_several_files(folder, recipient):
    """A later file stands over an earlier one."""
    more = yamlvault.encrypt("staging: {password: of more, extra: 1}\n", keks=[recipient])
    (folder / "more.yml").write_bytes(more)
    found = settings(folder, "staging", YAMLVAULT_FOR_DYNACONF=["secrets.yml", "more.yml"])
    assert (found.PASSWORD, found.EXTRA, found.NAME) == ("of more", 1, "shop")


def test_validators(folder):
    """They see what is in the file."""
    assert settings(
        folder, "production", validators=[Validator("DATABASE.PASSWORD", must_exist=True)]
    ).PASSWORD
    with pytest.raises(ValidationError, match="NOTHING is required"):
        _ = settings(
            folder, "production", validators=[Validator("NOTHING", must_exist=True)]
        ).PASSWORD


def test_scopes_of_others_stay_closed(folder, identity, recipient):
    """Only what the environment needs is opened; of the others no key is at hand."""
    other = f"age:{pyrage.x25519.Identity.generate().to_public()}"
    scopes = [
        ScopeRule(keks=[recipient, other], paths=["$.default"], seal=["$.default"]),
        ScopeRule(keks=[recipient], paths=["$.staging"], seal=["$.staging"]),
        ScopeRule(keks=[other], paths=["$.production"], seal=["$.production"]),
    ]
    plain = "default: {name: shop}\nstaging: {password: s}\nproduction: {password: p}\n"
    (folder / "secrets.yml").write_bytes(yamlvault.encrypt(plain, scopes=scopes))
    found = settings(folder, "staging")
    assert (found.NAME, found.PASSWORD) == ("shop", "s")
    with pytest.raises(yamlvault.NoKeyError, match=r"secrets\.yml: scope"):
        _ = settings(folder, "production").PASSWORD


@pytest.mark.parametrize("silent", [True, False])
def test_what_is_wrong_with_a_file_is_never_silent(folder, silent):
    """Whatever dynaconf is told: a service without its secrets must not start."""
    more = {"SILENT_ERRORS_FOR_DYNACONF": silent}
    with pytest.raises(yamlvault.FileError, match=r"missing\.yml: is not there"):
        _ = settings(folder, "staging", YAMLVAULT_FOR_DYNACONF="missing.yml", **more).X
    with pytest.raises(ValueError, match="YAMLVAULT_FOR_DYNACONF names no file"):
        _ = settings(folder, "staging", YAMLVAULT_FOR_DYNACONF=None, **more).X
    file = folder / "secrets.yml"
    file.write_text(file.read_text().replace("region:", "other:"))
    with pytest.raises(yamlvault.IntegrityError) as caught:
        _ = settings(folder, "staging", **more).X
    assert caught.value.source == str(file)


@pytest.mark.parametrize(
    ("text", "error"),
    [("other: {a: 1}\n", yamlvault.NotEncryptedError), ("a: [\n", yamlvault.DocumentError)],
)
def test_a_file_with_nothing_for_the_environment(folder, text, error):
    """It is read as far as its names, and must be an encrypted one; the error names it."""
    (folder / "secrets.yml").write_text(text)
    with pytest.raises(error) as caught:
        _ = settings(folder, "staging").X
    assert caught.value.source == str(folder / "secrets.yml")


def test_a_section_that_is_none(folder, recipient):
    """An environment is a mapping; the traceback has no value of those before it."""
    plain = f"default: {{password: {MARK}}}\nstaging: {MARK}\n"
    (folder / "secrets.yml").write_bytes(yamlvault.encrypt(plain, keks=[recipient]))
    with pytest.raises(yamlvault.DocumentError, match="of type str") as caught:
        _ = settings(folder, "staging").PASSWORD
    ours = [
        frame
        for frame, _ in traceback.walk_tb(caught.value.__traceback__)
        if "yamlvault" in frame.f_globals["__name__"]
    ]
    assert ours
    assert all(MARK not in repr(frame.f_locals) for frame in ours)
