"""The source for pydantic-settings, with the real one."""

import fcntl
import os
import subprocess
import sys

import pytest
from pydantic import AliasChoices, BaseModel, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

import yamlvault
from yamlvault.readers.pydantic import YamlVaultSettingsSource

MARK = "hunter2-marker"
PLAIN = f"""\
production:
  PASSWORD: {MARK}
  alias-of-token: {MARK}
  database: {{host: db, port: 5432, password: {MARK}}}
  hosts: [a, b]
empty:
list: [1]
numbers: {{1: 2}}
"""


class Database(BaseModel):
    host: str
    port: int = 1
    password: SecretStr


@pytest.fixture
def file(tmp_path, recipient, identity, monkeypatch):
    monkeypatch.setenv("YAMLVAULT_AGE_KEY", identity)
    file = tmp_path / "secrets.yml"
    file.write_bytes(yamlvault.encrypt(PLAIN, keks=[recipient]))
    return file


def settings(*arguments, config=None, **more):
    """Return a class of settings with a source of these arguments, the environment above it."""

    class Settings(BaseSettings):
        model_config = SettingsConfigDict(
            hide_input_in_errors=True, env_nested_delimiter="__", **config or {}
        )

        password: str = "default"
        token: SecretStr = Field("default", validation_alias=AliasChoices("alias-of-token", "tok"))
        database: Database | None = None
        hosts: tuple[str, ...] = ()

        @classmethod
        def settings_customise_sources(cls, settings_cls, init_settings, env_settings, **_):
            source = YamlVaultSettingsSource(settings_cls, *arguments, **more)
            return init_settings, env_settings, source

    return Settings


def test_values(file):
    """Names without regard to case, aliases, nested models, lists."""
    found = settings(file, "$.production")()
    assert found.password == found.token.get_secret_value() == MARK
    assert found.database.port == 5432
    assert found.database.password.get_secret_value() == MARK
    assert found.hosts == ("a", "b")


def test_names_with_their_case(file):
    """`case_sensitive` holds for the file, too."""
    config = {"case_sensitive": True, "extra": "ignore"}
    assert settings(file, "$.production", config=config)().password == "default"


def test_what_comes_before_it(file, monkeypatch):
    """Arguments, then the environment, then the file; nested models field by field."""
    monkeypatch.setenv("PASSWORD", "of the environment")
    monkeypatch.setenv("DATABASE__HOST", "other")
    found = settings(file, "$.production")()
    assert found.password == "of the environment"
    assert (found.database.host, found.database.port) == ("other", 5432)
    assert settings(file, "$.production")(password="given").password == "given"


def test_file_and_path_of_the_class(file):
    """They can stand in `model_config`; an argument comes before them."""
    config = {"yamlvault_file": file, "yamlvault_path": "$.production"}
    assert settings(config=config)().password == MARK
    assert settings(path="$.empty", config=config)().password == "default"


def test_no_file_is_named(monkeypatch):
    """Then the settings are those that were handed over; nothing is an error, or left out."""
    with pytest.raises(yamlvault.FileError, match="YAMLVAULT_FD: is not set: no file is named"):
        settings()()
    assert settings(missing_file="skip")().password == "default"
    descriptor = os.memfd_create("handed", os.MFD_ALLOW_SEALING)
    try:
        os.write(descriptor, f"production: {{password: {MARK}}}".encode())
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
        monkeypatch.setenv("YAMLVAULT_FD", str(descriptor))
        for missing_file in ("error", "skip"):
            assert settings(None, "$.production", missing_file=missing_file)().password == MARK
    finally:
        os.close(descriptor)


def test_a_file_of_another_type():
    """It is an error of whoever wrote the class."""
    with pytest.raises(TypeError, match="a text or a path"):
        settings(3)()


def test_a_file_that_is_not_there(tmp_path):
    """An error by default; "skip" leaves it to the other sources, and no other error."""
    missing = tmp_path / "missing.yml"
    with pytest.raises(yamlvault.FileError) as caught:
        settings(missing)()
    assert caught.value.source == str(missing)
    assert settings(missing, missing_file="skip")().password == "default"
    missing.write_text("a: 1\n")
    with pytest.raises(yamlvault.NotEncryptedError):
        settings(missing, missing_file="skip")()
    with pytest.raises(ValueError, match="missing_file is 'error' or 'skip', not 'ignore'"):
        settings(missing, missing_file="ignore")()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("$.list", "of type list"),
        ("$.production.PASSWORD", "of type str"),
        ("$.numbers", "a key here is of type int"),
    ],
)
def test_what_is_no_section(file, path, says):
    """Settings are a mapping of names; the error says what is there, and not the value."""
    with pytest.raises(yamlvault.DocumentError, match=says) as caught:
        settings(file, path)()
    assert caught.value.source == str(file)
    assert MARK not in str(caught.value)


def test_its_own_keyring(file, monkeypatch, identity):
    """A keyring that is given opens the file, and no other."""
    monkeypatch.delenv("YAMLVAULT_AGE_KEY")
    with pytest.raises(yamlvault.NoKeyError):
        settings(file, "$.production")()
    ring = yamlvault.Keyring([identity])
    assert settings(file, "$.production", keyring=ring)().password == MARK


def test_errors_of_validation_show_no_value(file):
    """A class whose errors would quote secrets is refused; in the others' errors there is none."""

    class Settings(settings(file, "$.production")):
        database: int
        other: int

    with pytest.raises(ValidationError) as caught:
        Settings()
    assert MARK not in str(caught.value)
    assert "other" in str(caught.value)
    with pytest.raises(ValueError, match="Shown would show secrets in its errors"):
        type("Shown", (Settings,), {"model_config": {"hide_input_in_errors": False}})()


def test_its_repr_has_no_value(file):
    """pydantic-settings shows the sources in some of its own messages."""
    source = YamlVaultSettingsSource(settings(file), file, "$.production")
    assert repr(source) == f"YamlVaultSettingsSource(file={str(file)!r}, path='$.production')"
    assert MARK not in str(source)


@pytest.mark.parametrize("reader", ["pydantic", "dynaconf"])
def test_without_the_framework(reader):
    """The import says what to install; that of yamlvault itself needs none of it."""
    module = {"pydantic": "pydantic_settings", "dynaconf": "dynaconf"}[reader]
    package = module.replace("_", "-")
    code = f"import sys; sys.modules[{module!r}] = None; import yamlvault\n"
    subprocess.run([sys.executable, "-c", code], check=True)
    done = subprocess.run(
        [sys.executable, "-c", f"{code}import yamlvault.readers.{reader}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: yamlvault.readers.{reader} needs {package}: pip install {package}"
    )
