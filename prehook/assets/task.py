"""The step `assets`: brings the manifest of this commit and environment to its framework."""

from __future__ import annotations

import time
from typing import NamedTuple

from prehook.errors import PrehookError
from prehook.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.assets.location import Location
    from prehook.assets.s3 import Object, Service
    from prehook.environment import Environment
    from prehook.task import Context
    from prehook.text import Text
    from yamlvault.deadline import Deadline
    from yamlvault.kek.refusal import Refusal


class Settings(NamedTuple):
    """What a plan says of a manifest.

    Attributes:
        bucket: The bucket.
        key: The key in it.
        to: The file that it is written to.
        region: The region of the bucket; None for that of the environment.
        endpoint: The URL of S3; None for that of the environment, or AWS's own.
        wait_for: The seconds that it may take to be there.
        mode: The mode of the file; None for that of one that is there, else 0644.
    """

    bucket: Text
    key: Text
    to: Text
    region: Text | None = None
    endpoint: Text | None = None
    wait_for: float = 0.0
    mode: int | None = None


class AssetsTask(Task):
    """Fetches a manifest from S3."""

    kind = "assets"
    overlaps = True

    def __init__(self, place: str, settings: Settings) -> None:
        super().__init__(place)
        self._settings = settings
        self.timeout = (Task.timeout or 0.0) + settings.wait_for

    def facts(self) -> list[tuple[str, str]]:
        """Return where it comes from and goes to."""
        its = self._settings
        mode = "that of the file that is there, else 0644"
        facts = [
            ("from", f"s3://{its.bucket.source}/{its.key.source}"),
            ("region", its.region.source if its.region else "that of the environment"),
            *([("endpoint", its.endpoint.source)] if its.endpoint else []),
            ("to", its.to.source),
            ("mode", mode if its.mode is None else f"{its.mode:04o}"),
        ]
        if its.wait_for:
            facts.append(("wait", f"up to {its.wait_for:g} s for a key that is not there yet"))
        return facts

    def missing(self, environment: Environment) -> list[str]:
        """Return what is wrong with its texts in an environment."""
        from prehook.text import expand_all

        its = self._settings
        texts = (its.bucket, its.key, its.to, its.region, its.endpoint)
        return expand_all(filter(None, texts), environment)[1]

    def work(self, context: Context) -> None:
        """Fetch it, check it, write it."""
        from prehook.assets.manifest import check, check_name

        location = self._location(context)
        path = self._settings.to.expand(context.env)
        check_name(path)
        found = self._fetched(location, context)
        try:
            check(found)
        except PrehookError as error:
            raise PrehookError(f"{location}: {error.message}", hint=error.hint) from None
        self._put(location, path, found.data, context)

    def _location(self, context: Context) -> Location:
        from prehook.assets.location import check_commit, located

        key = self._settings.key
        check_commit(key.source, context.env)
        return located(self._settings.bucket.expand(context.env), key.expand(context.env))

    def _fetched(self, location: Location, context: Context) -> Object:
        from prehook.assets.s3 import service
        from yamlvault.deadline import Deadline
        from yamlvault.errors import KEKError
        from yamlvault.kek.refusal import Refusal

        its = self._settings
        region = its.region.expand(context.env) if its.region else ""
        url = its.endpoint.expand(context.env) if its.endpoint else ""
        deadline = Deadline(max(0.0, context.deadline - time.monotonic()))
        try:
            place = service(region, url)
            try:
                return self._asked(place, location, deadline, context)
            except Refusal as refusal:
                raise _error(refusal, location, place) from None
        except KEKError as error:  # of what the environment says of regions and endpoints
            raise PrehookError(error.message, hint=error.hint) from None

    def _asked(
        self, place: Service, location: Location, deadline: Deadline, context: Context
    ) -> Object:
        from prehook.assets.fetch import fetched
        from yamlvault.kek.refusal import Refusal

        def tell(text: str) -> None:
            context.journal.info(f"{self.title()}: {text}", event="retry", step=self.label)

        wait = self._settings.wait_for
        try:
            return fetched(place.client(), location, wait, deadline, tell)
        except Refusal as refusal:
            other = place.other_client(refusal)
            if other is None:
                raise
            context.journal.detail(
                f"{self.title()}: {refusal.kind.text} for the light client: boto3 is asked",
                step=self.label,
            )
        return fetched(other, location, wait, deadline, tell)

    def _put(self, location: Location, path: str, data: bytes, context: Context) -> None:
        from prehook.assets.placement import put, remove_stale
        from prehook.render.errors import RenderError

        try:
            is_new = put(path, data, self._settings.mode)
            stale = remove_stale(path)
        except RenderError as error:
            raise PrehookError(str(error), hint=error.hint) from None
        what = f"written to {path}" if is_new else f"there already, and the same: {path}"
        context.journal.detail(
            f"{self.title()}: {location} {what}", event="fetched", step=self.label
        )
        for name in stale:
            context.journal.detail(f"{self.title()}: {name} removed", step=self.label)


def _error(refusal: Refusal, location: Location, place: Service) -> PrehookError:
    """Return the error for what S3, or the way to it, has refused."""
    from prehook.assets.refusals import hint_of
    from yamlvault.kek.refusal import TIMEOUT, TLS, UNREACHABLE

    detail = refusal.detail
    if refusal.kind in (UNREACHABLE, TLS) or (refusal.kind is TIMEOUT and not detail):
        detail = ": ".join(part for part in (place.endpoint.authority, detail) if part)
    detail = f" ({detail})" if detail else ""
    return PrehookError(f"{location}: {refusal.kind.text}{detail}", hint=hint_of(refusal) or None)
