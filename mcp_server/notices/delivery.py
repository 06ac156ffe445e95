"""The result of an attempt to deliver notices."""

from dataclasses import dataclass

from mcp_server.kernel.humanize import plural


@dataclass(frozen=True)
class Delivery:
    """`sent` names the targets that accepted a notice now. `waiting` counts the notices that are tried again;
    `problem` is the first failure."""

    sent: tuple[str, ...]
    waiting: int
    problem: str | None


def summary(delivery: Delivery | None) -> str:
    """The result in one line, empty if there was nothing to send; None stands for a fleet without targets."""
    if delivery is None:
        return "nobody was notified: no webhook or PagerDuty is set up; see the runbook open-an-incident"
    parts = [f"sent to {', '.join(delivery.sent)}"] if delivery.sent else []
    parts += [f"{plural(delivery.waiting, 'notice')} not sent yet ({delivery.problem})"] if delivery.waiting else []
    return "; ".join(parts)
