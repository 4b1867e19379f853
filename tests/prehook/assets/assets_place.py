"""A folder with a plan of one step `assets`, to be run by the installed prehook."""

import json

from servers.aws import ACCESS_KEY
from sessions import run

MANIFEST = b'{"assets": {"app.js": "app-1d006cd35569.js"}}\n'
BUCKET = "my-assets"
KEY = "manifests/staging/m.json"
SECRETS = list(ACCESS_KEY.values())[1:]


class Place:
    """A folder with a plan of one step.

    Attributes:
        folder: The folder.
        target: The file that the manifest is written to.
    """

    def __init__(self, folder):
        self.folder = folder
        self.target = folder / "public" / "m.json"

    def write(self, *, step=None, **settings):
        """Write the plan."""
        assets = {"bucket": BUCKET, "key": KEY, "to": "public/m.json", **settings}
        plan = {"steps": [{"assets": assets, **(step or {})}]}
        (self.folder / "plan.yml").write_text(json.dumps(plan))

    def fetch(self, *, step=None, **settings):
        """Run it, and return what came of it."""
        self.write(step=step, **settings)
        return self.run()

    def run(self):
        """Run the plan as it stands."""
        return run("-v", "-f", "plan.yml", "--", "echo", "started", cwd=self.folder)

    def explained(self):
        """Return what `prehook explain` says of it."""
        return run("explain", "-f", "plan.yml", "--", "true", cwd=self.folder).stdout.decode()

    def refused(self, says, hint="", **settings):
        """Fetch what can't be had: one line that says so, and a hint; nothing is written."""
        result = self.fetch(**settings)
        lines = result.stderr.decode().splitlines()
        assert (result.returncode, result.stdout) == (125, b""), lines
        assert lines[-2].startswith(f"prehook: assets: {says}"), lines
        assert lines[-2].endswith('; "echo" is not started'), lines
        assert lines[-1].startswith("hint: "), lines
        assert hint in lines[-1], lines
        assert not self.target.exists()
        assert not any(secret in result.stderr.decode() for secret in SECRETS)
        return lines
