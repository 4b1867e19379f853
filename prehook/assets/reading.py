"""The step `assets` as a plan has it."""

from __future__ import annotations

from prehook.assets.location import check_region, located
from prehook.assets.manifest import check_name
from prehook.assets.task import AssetsTask, Settings
from prehook.errors import PrehookError
from yamlvault.errors import KEKError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prehook.plan.reader import PlanReader
    from prehook.text import Text
    from yamlvault.document.node import Node

REQUIRED = ("bucket", "key", "to")
FIELDS = (*REQUIRED, "region", "endpoint", "wait_for", "mode")


def read(reader: PlanReader, node: Node, place: str) -> AssetsTask:
    """Return the step.

    Raises:
        ConfigError: It is malformed, or what it says can't work.
    """
    fields = reader.fields(node, FIELDS, REQUIRED)

    def text(name: str, check: Callable[[str], object]) -> Text:
        one = reader.template(fields[name])
        if one.is_constant:  # what it names is known when the step begins
            try:
                check(one.source)
            except (PrehookError, KEKError) as error:
                raise reader.refusal(fields[name], error.message, error.hint) from None
        return one

    settings = Settings(
        bucket=text("bucket", lambda bucket: located(bucket, "key")),
        key=text("key", lambda key: located("bucket", key)),
        to=text("to", check_name),
        region=text("region", check_region) if "region" in fields else None,
        endpoint=text("endpoint", _check_endpoint) if "endpoint" in fields else None,
        wait_for=reader.seconds(fields["wait_for"], "wait_for") if "wait_for" in fields else 0.0,
        mode=reader.mode(fields["mode"]) if "mode" in fields else None,
    )
    return AssetsTask(place, settings)


def _check_endpoint(url: str) -> None:
    from yamlvault.kek.aws.endpoint import parsed

    parsed(url, "`endpoint`")
