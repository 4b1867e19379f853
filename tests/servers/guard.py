"""What keeps a test away from real clouds: an environment in which every way to one is closed."""

import os
import re

# nothing listens on port 9 of loopback; no test's home has cloud configuration
NOWHERE = "http://127.0.0.1:9"
CLOSED = {
    "AWS_ENDPOINT_URL": NOWHERE,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": NOWHERE,
}
_OPEN = re.compile(r"AWS_|BOTO|(HTTPS?|ALL|NO)_PROXY$", re.IGNORECASE)


def close(monkeypatch):
    """Take from the environment what leads to AWS, and close what is open without it."""
    for name in list(os.environ):
        if _OPEN.match(name):
            monkeypatch.delenv(name)
    for name, value in CLOSED.items():
        monkeypatch.setenv(name, value)
