"""moto's server as a process: on a free port, which it prints; it notes what it is asked.

`GET /noted` gives what was asked since `GET /forget`: the operation (or method and path), and the
id of the access key that signed for it.
"""

import io
import json
import re
import sys
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


class Notes:
    """The application with a notebook in front of it."""

    def __init__(self, application):
        self.application = application
        self.noted = []

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path in ("/noted", "/forget"):
            if path == "/forget":
                self.noted.clear()
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.noted).encode()]
        if not path.startswith("/moto-api"):
            self.noted.append([operation(environ), access_key(environ)])
        return self.application(environ, start_response)


def operation(environ):
    """Return what is asked for: `Decrypt`, `AssumeRole`, or `GET /bucket/key`."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return target.rpartition(".")[2]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if action := parse_qs(body.decode()).get("Action"):
            return action[0]
    return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def access_key(environ):
    """Return the id of the access key of a signed request; empty of others."""
    found = re.search(r"Credential=([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    return found[1] if found else ""


if __name__ == "__main__":
    notes = Notes(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, notes, threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
