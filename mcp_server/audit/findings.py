"""The audit's own findings, about the host."""

from typing import Final

from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.operation.context import Context

_LEAST_FREE: Final = 1 << 30
"Bytes."


def disk_findings(ctx: Context) -> Contribution:
    free = ctx.world.disk.free(ctx.fleet.root)
    if free is None or free >= _LEAST_FREE:
        return Contribution(())
    message = f"{free >> 20} MiB are free on the disk of {ctx.fleet.root}"
    return Contribution((Concern((), Finding("disk_low", "warning", message, "ops runbook read disk-full")),))
