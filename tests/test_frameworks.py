"""The example applications of docs/frameworks.md run with the real frameworks, as processes."""

from __future__ import annotations

import os
import quopri
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

import yamlvault

ROOT = Path(__file__).parents[1]
FRAMEWORKS = ROOT / "fixtures" / "frameworks"
IDENTITY = FRAMEWORKS / "throwaway-identity.txt"
PAGE = (ROOT / "docs" / "frameworks.md").read_text()
NAMES = ("django", "flask", "pydantic", "dynaconf", "plain")

SERVER = """
import sys
from wsgiref.simple_server import make_server
from {module} import {name} as application
server = make_server("127.0.0.1", 0, application)
print(server.server_port, flush=True)
server.serve_forever()
"""


class Application:
    """A copy of an application, and what it is started with."""

    def __init__(self, name, folder):
        self.folder = folder / name
        shutil.copytree(FRAMEWORKS / name, self.folder)
        self.file = self.folder / "secrets.yml"
        self.environment = os.environ | {
            "YAMLVAULT_AGE_KEY_FILE": str(IDENTITY),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *words, **variables):
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ok(self, *words, **variables):
        done = self.run(*words, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def secrets(self, path="$.production"):
        keyring = yamlvault.Keyring([IDENTITY.read_text()])
        return yamlvault.load(self.file, path=path, keyring=keyring)

    def tamper(self):
        text = self.file.read_text()
        self.file.write_text(text.replace("production:\n", "production:\n  extra: 1\n", 1))
        assert self.file.read_text() != text


@pytest.fixture
def application(request, tmp_path):
    return Application(request.param, tmp_path)


@pytest.fixture
def served(request, tmp_path):
    """Return what starts an application's WSGI server, and what asks it."""
    processes = []
    opener = build_opener(ProxyHandler({}))

    def serve(name, module, attribute, **variables):
        application = Application(name, tmp_path)
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER.format(module=module, name=attribute)],
            cwd=application.folder,
            env=application.environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        port = process.stdout.readline()
        assert port, process.stderr.read()

        def get(path="/"):
            return opener.open(f"http://127.0.0.1:{int(port)}{path}", timeout=60)

        def log():
            process.terminate()
            return "".join(process.communicate(timeout=60))

        return application, get, log

    yield serve
    for process in processes:
        process.kill()
        process.communicate()


def only(name):
    return pytest.mark.parametrize("application", [name], indirect=True)


@only("django")
def test_django_checks(application):
    """`manage.py check` passes: the settings are there."""
    assert "no issues" in application.ok("manage.py", "check")


def test_django_answers(served):
    """A page is signed with the key of the file."""
    application, get, _ = served("django", "shop.wsgi", "application")
    with get() as answer:
        signed = answer.read().decode()
    verify = (
        "import sys; from django.core import signing;"
        "print(signing.loads(sys.argv[1], key=sys.argv[2]))"
    )
    key = application.secrets()["secret_key"]
    unsigned = application.ok("-c", verify, signed, key, DJANGO_SETTINGS_MODULE="shop.settings")
    assert unsigned == "the secret key is there\n"


def leaves(value):
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [value]


@pytest.mark.parametrize("debug", ["1", "0"])
def test_djangos_error_reports_show_no_secret(served, debug):
    """Neither the error page, nor the mail to the admins, nor the log has a value of the file."""
    application, get, log = served("django", "shop.wsgi", "application", APP_DEBUG=debug)
    secrets = [leaf for leaf in leaves(application.secrets()) if "marker" in leaf]
    with pytest.raises(HTTPError) as caught:
        get("/broken")
    with caught.value as answer:
        page = answer.read().decode()
    shown = quopri.decodestring(log().encode()).decode()  # mails are printed as they are sent
    assert ("BROKER_URL" in page) is (debug == "1")
    assert ("Subject: [Django] ERROR" in shown) is (debug == "0")
    assert ("BROKER_URL = '*" in shown) is (debug == "0")
    assert "AttributeError" in shown
    for secret in secrets:
        # the view's own locals are shown by an error page, and by nothing else
        assert secret not in re.sub(r"<td>broker</td>.*?</tr>", "", page, flags=re.DOTALL)
        assert secret not in shown


def test_flask_answers(served):
    """A real request gets a setting of the file, and a cookie signed with its key."""
    application, get, _ = served("flask", "app", "app")
    with get() as answer:
        assert answer.read() == b'{"database":"db.internal"}\n'
        cookie = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    verify = (
        "import sys; from flask import Flask; from flask.sessions import *;"
        "app = Flask('x'); app.secret_key = sys.argv[2];"
        "print(SecureCookieSessionInterface().get_signing_serializer(app).loads(sys.argv[1]))"
    )
    key = application.secrets()["SECRET_KEY"]
    assert application.ok("-c", verify, cookie, key) == "{'seen': True}\n"


@only("flask")
@pytest.mark.parametrize("environment", ["production", "staging"])
def test_flask_commands(application, environment):
    """Flask's own command loads the application of each environment."""
    code = "import app; print(app.app.config['DATABASE']['password'])"
    printed = application.ok("-c", code, APP_ENV=environment)
    section = application.secrets(f"$.{environment}")
    assert printed == section["DATABASE"]["password"] + "\n"
    assert "GET" in application.ok("-m", "flask", "routes", APP_ENV=environment)


@only("pydantic")
def test_pydantic(application):
    """Values come from the file, below the environment; secrets are not printed."""
    assert application.ok("app.py") == (
        "database=Database(host='db.internal', password=SecretStr('**********')) "
        "api_token=SecretStr('**********') workers=4\n"
    )
    printed = application.ok("app.py", SHOP_DATABASE__HOST="other", SHOP_WORKERS="9")
    assert "host='other'" in printed
    assert "workers=9" in printed
    code = "import app; print(app.Settings().database.password.get_secret_value())"
    password = application.secrets()["Database"]["password"]
    assert application.ok("-c", code) == f"{password}\n"


@only("pydantic")
def test_pydantics_errors_show_no_secret(application):
    """What does not validate is named, and neither it nor what stands around it is quoted."""
    done = application.run("app.py", SHOP_WORKERS="many-marker")
    assert done.returncode == 1
    assert "workers" in done.stderr
    assert "marker" not in done.stderr


@only("dynaconf")
@pytest.mark.parametrize(
    ("environment", "printed"),
    [("production", "production db.internal 35"), ("staging", "staging db.staging 24")],
)
def test_dynaconf(application, environment, printed):
    """The environment's section stands over the default; variables come before both."""
    assert application.ok("app.py", ENV_FOR_DYNACONF=environment) == f"{printed}\n"
    code = "import app; print(app.settings.NAME, app.settings.TOKEN)"
    variables = {"ENV_FOR_DYNACONF": environment, "DYNACONF_TOKEN": "other"}
    assert application.ok("-c", code, **variables) == "shop other\n"


@only("plain")
def test_plain(application):
    """Attributes all the way down, and a repr without values."""
    assert application.ok("app.py") == (
        "<Section: database, api-token> ['db-1.internal', 'db-2.internal'] pl4…\n"
    )
    password = application.secrets()["database"]["password"]
    assert password in application.ok("-c", "import app; print(app.dsn())")


STARTS = {
    "django": ["manage.py", "check"],
    "flask": ["-c", "import app"],
    "pydantic": ["app.py"],
    "dynaconf": ["app.py"],
    "plain": ["app.py"],
}
BROKEN = {
    "no identity": "hint: set YAMLVAULT_AGE_KEY_FILE to the file with the identity",
    "tampered": "without yamlvault: restore it from its history",
    "missing": "secrets.yml",
}


@pytest.mark.parametrize("application", NAMES, indirect=True)
@pytest.mark.parametrize("what", BROKEN)
def test_what_an_operator_reads_when_it_does_not_start(application, what, tmp_path):
    """The traceback ends with the file, the reason and what to do; no secret is in it."""
    variables = {}
    if what == "no identity":
        variables = {"YAMLVAULT_AGE_KEY_FILE": "", "HOME": str(tmp_path)}
    elif what == "tampered":
        application.tamper()
    else:
        application.file.unlink()
    done = application.run(*STARTS[application.folder.name], **variables)
    assert done.returncode == 1
    said = done.stderr[done.stderr.rindex("Error: ") :]
    assert "secrets.yml" in said
    assert BROKEN[what] in said
    assert done.stderr.count("hint:") <= 1
    assert "marker" not in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_what_runs(name):
    """Each block of code on the page is a file of an example, word for word."""
    section = PAGE.partition(f"](../fixtures/frameworks/{name})")[2].partition("\n## ")[0]
    blocks = re.findall(r"```(?:python|yaml|toml)\n# (\S+)\n(.*?)```", section, re.DOTALL)
    assert blocks
    for file, code in blocks:
        path = FRAMEWORKS / name / file
        found = path.read_text()
        if path.suffix == ".yml":
            keyring = yamlvault.Keyring([IDENTITY.read_text()])
            found = yamlvault.decrypt(found, keyring=keyring).decode()
        assert code.strip() in found, file
    assert len(re.findall("```(python|yaml|toml)", section)) == len(blocks)
