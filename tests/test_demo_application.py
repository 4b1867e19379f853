"""The demo application boots from an encrypted file and a rendered config, and ends on TERM."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import jinja2
import pytest
import yaml

import yamlvault

APP = Path(__file__).parents[1] / "fixtures" / "app"
ENVIRONMENTS = ("development", "staging", "production")


@pytest.fixture
def application(tmp_path, recipient, identity):
    """A copy of the application, its secrets encrypted; return what starts it."""
    home = tmp_path / "application"
    shutil.copytree(APP, home, ignore=shutil.ignore_patterns("__pycache__"))
    secrets = home / "config" / "secrets.yml"
    secrets.write_bytes(yamlvault.encrypt(secrets.read_bytes(), keks=[recipient]))
    processes = []

    def start(environment, **change):
        values = yaml.safe_load((APP / "config" / "secrets.yml").read_bytes())[environment]
        template = (home / "config" / "app.ini.j2").read_text()
        jinja = jinja2.Environment(  # no HTML is rendered
            undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True
        )
        config = jinja.from_string(template).render(env={"PORT": "0"}, secrets=values)
        (home / "config" / "app.ini").write_text(config)
        process = subprocess.Popen(
            [sys.executable, "-m", "app"],
            cwd=home,
            env=os.environ | {"APP_ENV": environment, "YAMLVAULT_AGE_KEY": identity} | change,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_application_proves_its_secrets_and_ends_on_term(application, environment):
    """The pages prove the secrets of the environment and show none; TERM ends with status 0."""
    process = application(environment)
    boot = process.stderr.readline()
    assert boot.startswith(f"app: {environment}, release unknown, at http://127.0.0.1:")
    url = re.search(r"http://\S+", boot).group()
    with urlopen(url + "healthz") as answer:
        assert answer.read() == b"ok\n"
    with urlopen(url) as answer:
        page = answer.read().decode()
    with urlopen(url + "proof.json") as answer:
        proof = json.load(answer)
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "app: SIGTERM: finishing\n" in log
    assert log.endswith("app: stopped\n")
    assert proof["config_matches_secrets"] is True
    assert proof["secret_key"] in page
    secrets = yaml.safe_load((APP / "config" / "secrets.yml").read_bytes())[environment]
    shown = page + json.dumps(proof) + boot + log
    assert secrets["secret_key"] not in shown
    assert "PRIVATE KEY" not in shown
    assert len(secrets["database"]["password"]) < 5 or secrets["database"]["password"] not in shown


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"YAMLVAULT_AGE_KEY": ""}, "app: can't start: config/secrets.yml: "),
        ({"APP_ENV": "nowhere"}, "app: can't start: APP_ENV must be one of development, "),
        ({"APP_CONFIG": "none.ini"}, "app: can't start: none.ini can't be read: "),
    ],
)
def test_application_says_what_it_lacks(application, tmp_path, change, says):
    """Status 1, what failed, perhaps a hint, and no traceback."""
    nowhere = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "", "YAMLVAULT_AGE_KEY_FILE": ""}
    process = application("production", **nowhere | change)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 1
    assert log.startswith(says)
    assert all(line.startswith("app: ") for line in log.splitlines())


def test_environments_have_different_keys():
    """Each environment has keys of its own, and merged values are those of the default."""
    data = yaml.safe_load((APP / "config" / "secrets.yml").read_bytes())
    assert len({data[name]["secret_key"] for name in ENVIRONMENTS}) == len(ENVIRONMENTS)
    assert len({data[name]["signing_key"] for name in ENVIRONMENTS}) == len(ENVIRONMENTS)
    assert {data[name]["mail"]["footer"] for name in ENVIRONMENTS} == {
        data["default"]["mail"]["footer"]
    }
