"""A notice about an incident or the logins, and its form for a webhook, Slack and PagerDuty's Events API v2.

PagerDuty: https://developer.pagerduty.com/docs/send-alert-event; Slack: https://docs.slack.dev/messaging.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final, Literal, get_args

from mcp_server.kernel.address import host_of
from mcp_server.kernel.document import Json
from mcp_server.kernel.inventory import Target
from mcp_server.kernel.secret import Secret
from mcp_server.kernel.secrets.detector import scrub

Event = Literal["opened", "severity", "resolved", "reopened", "logins"]


TARGETS: Final[tuple[Target, ...]] = get_args(Target)
SECRETS: Final[Mapping[Target, str]] = {"webhook": "OPS_WEBHOOK", "pagerduty": "OPS_PAGERDUTY_KEY"}
"What each target needs, an address or a routing key, by its name in the environment and the keyring."
PAGERDUTY: Final = "https://events.pagerduty.com/v2/enqueue"
_SEVERITIES: Final = {"sev1": "critical", "sev2": "error", "sev3": "warning", "sev4": "info"}
LONGEST_WAIT: Final = timedelta(days=1)
"However long a server asks to wait."
_LONGEST: Final = timedelta(hours=1)
_FIRST: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Notice:
    """One notice. `id` identifies it to a receiver that gets it twice; `key` identifies its subject for as long as it
    persists. `at` is in UTC, as text. No field holds a credential."""

    id: str
    key: str
    event: Event
    at: str
    title: str
    text: str
    severity: str
    source: str


@dataclass(frozen=True)
class Subject:
    """What a notice is about: an incident with its id, title and severity, or the logins."""

    id: str
    title: str = ""
    severity: str = ""


def message(target: Target, notice: Notice, secret: Secret) -> Json:
    """The document to post."""
    if target == "pagerduty":
        return _pagerduty(notice, secret)
    text: dict[str, Json] = {"text": scrub(f"{notice.title}\n{notice.text}" if notice.title else notice.text)}
    is_slack = host_of(secret.reveal()).endswith("slack.com")
    details: dict[str, Json] = {name: value for name, value in asdict(notice).items() if name != "text"}
    return text if is_slack or notice.event == "logins" else {**text, "notice": details}


def wait_after(tries: int, retry_after: float | None) -> timedelta:
    """How long to wait after this many failed tries; at least `retry_after` seconds, if the server asked for that."""
    doubled = min(_LONGEST, _FIRST * 2 ** min(tries - 1, 10))
    return max(doubled, min(LONGEST_WAIT, timedelta(seconds=min(retry_after or 0.0, 1e9))))


def is_refused(status: int) -> bool:
    """Whether the message itself was rejected: the next one may be accepted, and this one by a corrected target."""
    return status in (400, 413, 415, 422)


def _pagerduty(notice: Notice, secret: Secret) -> Json:
    event: dict[str, Json] = {"routing_key": secret.reveal(), "dedup_key": notice.key[:255]}
    if notice.event == "resolved":
        return {**event, "event_action": "resolve"}
    payload: dict[str, Json] = {
        "summary": scrub(notice.title)[:1024],
        "source": notice.source,
        "severity": _SEVERITIES.get(notice.severity, "error"),
        "timestamp": notice.at,
        "class": notice.event,
        "custom_details": {"text": scrub(notice.text), "severity": notice.severity},
    }
    return {**event, "event_action": "trigger", "payload": payload}
