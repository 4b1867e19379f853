"""HTTP/1.1: Cloud KMS's REST interface, token endpoints, the metadata server, and control."""

import base64
import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from . import faults
from .control import controlled
from .state import ServiceError

CODES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
FIELDS = {"Encrypt": ("plaintext", "ciphertext"), "Decrypt": ("ciphertext", "plaintext")}
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_AUDIENCE = "https://oauth2.googleapis.com/token"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


class Rest(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state = None

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def reply(self, code, content, kind="application/json", **headers):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, error):
        code = CODES.get(error.status, 500)
        status = {"code": code, "message": error.message, "status": error.status}
        if error.reason:
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": error.reason}
            status["details"] = [{**info, "domain": "googleapis.com"}]
        self.reply(code, {"error": status})

    def fault(self, fault):
        """Do what only a transport can get wrong; tell whether there was such a thing."""
        kind = fault["kind"]
        if kind == "close":
            self.close_connection = True
        elif kind == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"plain')
            self.close_connection = True
        elif kind == "drip":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            faults.drip(self.state, self.wfile.write)
            self.close_connection = True
        elif kind == "drip_header":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            faults.drip(self.state, self.wfile.write)
            self.close_connection = True
        elif kind == "raw":
            self.reply(fault["code"], fault["text"].encode(), "text/html", **fault["headers"])
        elif kind == "not_http":
            self.wfile.write(b"220 mail.example.com ESMTP\r\n")
            self.close_connection = True
        elif kind == "huge":
            self.reply(200, b" " * 3_000_000)
        else:
            return False
        return True

    def do_GET(self):
        parts = urlsplit(self.path)
        if parts.path.startswith("/computeMetadata/v1/") or parts.path == "/":
            self.metadata(parts)
        else:
            self.reply(404, {})

    def do_POST(self):
        path = urlsplit(self.path).path
        if path.startswith("/_control/"):
            self.reply(200, controlled(self.state, path[10:], json.loads(self.body())))
        elif path in {"/token", "/sts"}:
            self.token()
        elif path.startswith("/v1/") and path.endswith((":encrypt", ":decrypt")):
            name, _, operation = path[4:].rpartition(":")
            self.kms(name, operation.capitalize())
        else:
            self.reply(404, {})

    def kms(self, name, operation):
        body = self.body()
        asked_field, answered_field = FIELDS[operation]
        fault = self.state.fault_of(operation, "kms")
        if self.fault(fault):
            return
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            asked = parsed(name, body, asked_field)
            shown = base64.b64encode(asked["data"]).decode()
            faults.before(self.state, fault, {**asked, "bearer": bearer, "shown": shown})
            answer = self.state.answer(
                operation, {**asked, "client": self.client_address}, bearer, "rest"
            )
        except ServiceError as error:
            self.refuse(error)
            return
        answer = faults.after(fault, answer)
        content = {answered_field: base64.b64encode(answer["data"]).decode()}
        if answer["crc"] is not None:
            content[f"{answered_field}Crc32c"] = str(answer["crc"])
        if operation == "Encrypt":
            content["name"] = answer["name"]
            if answer["verified"]:  # proto3 JSON leaves out what is false
                content["verifiedPlaintextCrc32c"] = True
            if answer["aad_verified"]:
                content["verifiedAdditionalAuthenticatedDataCrc32c"] = True
        self.reply(200, content)

    def token(self):
        fields = {name: values[0] for name, values in parse_qs(self.body().decode()).items()}
        fault = self.state.fault_of("token")
        self.state.log("token", None, "rest", grant=fields.get("grant_type"))
        if self.fault(fault):
            return
        if fault["kind"] == "hang":
            self.state.released.wait(120)
        if fault["kind"] == "oauth":
            self.reply(fault["code"], {"error": fault["error"], "error_description": "on demand"})
            return
        principal = self.granted(fields)
        if principal is None:
            self.reply(400, {"error": "invalid_grant", "error_description": "Invalid grant."})
            return
        token = {"access_token": self.state.new_token(principal), "expires_in": 3599}
        kind = "urn:ietf:params:oauth:token-type:access_token"
        self.reply(200, {**token, "token_type": "Bearer", "issued_token_type": kind})

    def granted(self, fields):
        """Return the principal that a grant is of."""
        grant = fields.get("grant_type")
        if grant == JWT_GRANT:
            claims = self.state.claims_of(fields.get("assertion", "")) or {}
            has_scope = "cloud" in claims.get("scope", "")
            return claims["iss"] if claims.get("aud") == TOKEN_AUDIENCE and has_scope else None
        if grant == "refresh_token" and fields.get("client_secret") == "client-secret":
            return self.state.refresh_tokens.get(fields.get("refresh_token"))
        if grant == EXCHANGE:
            return self.state.subjects.get(fields.get("subject_token"))
        return None

    def metadata(self, parts):
        fault = self.state.fault_of("metadata")
        self.state.log("metadata", None, "rest", path=parts.path)
        if self.fault(fault):
            return
        if fault["kind"] == "hang":
            self.state.released.wait(120)
        flavor = {} if fault["kind"] == "no_flavor" else {"Metadata_Flavor": "Google"}
        principal = self.state.metadata_principal
        if self.headers.get("Metadata-Flavor") != "Google":
            self.reply(403, b"Missing Metadata-Flavor:Google header.", "text/html")
        elif parts.path == "/":
            self.reply(200, b"computeMetadata/", "text/plain", **flavor)
        elif parts.path.endswith("/universe/universe-domain"):
            self.reply(200, b"googleapis.com", "text/plain", **flavor)
        elif principal is None:
            self.reply(404, b"not found", "text/html", **flavor)
        elif parts.path.endswith("/token"):
            token = self.state.new_token(principal)
            content = {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}
            self.reply(200, content, **flavor)
        elif parts.path.endswith("/email"):
            self.reply(200, principal.encode(), "text/plain", **flavor)
        else:
            content = {"email": principal, "scopes": ["https://www.googleapis.com/auth/cloudkms"]}
            self.reply(200, content, **flavor)


def parsed(name, body, field):
    """Return what a REST request asks."""
    try:
        content = json.loads(body)
        aad = "additionalAuthenticatedData"
        asked = {"name": name, "data": base64.b64decode(content[field], validate=True)}
        asked["aad"] = base64.b64decode(content.get(aad, ""), validate=True)
        for short, long in (("data_crc", field), ("aad_crc", aad)):
            number = content.get(f"{long}Crc32c")
            asked[short] = None if number is None else int(number)
    except (ValueError, KeyError):
        raise ServiceError("INVALID_ARGUMENT", "Invalid JSON payload received.") from None
    return asked
