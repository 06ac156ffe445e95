"""What people are told: of an incident or a login, in the forms of a webhook, of Slack, and of PagerDuty's Events v2.

PagerDuty: https://developer.pagerduty.com/docs/send-alert-event; Slack: https://docs.slack.dev/messaging.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final, Literal, get_args

from mcp_server.kernel.address import host_of
from mcp_server.kernel.document import Json
from mcp_server.kernel.inventory import Target
from mcp_server.kernel.secret import Secret, scrub

Event = Literal["opened", "severity", "resolved", "reopened", "logins"]


TARGETS: Final[tuple[Target, ...]] = get_args(Target)
SECRETS: Final[Mapping[Target, str]] = {"webhook": "OPS_WEBHOOK", "pagerduty": "OPS_PAGERDUTY_KEY"}
"What each target needs, by the name that the environment and the keyring know it by: an address, a routing key."
PAGERDUTY: Final = "https://events.pagerduty.com/v2/enqueue"
_SEVERITIES: Final = {"sev1": "critical", "sev2": "error", "sev3": "warning", "sev4": "info"}
LONGEST_WAIT: Final = timedelta(days=1)
"However long a server asks to be left alone."
_LONGEST: Final = timedelta(hours=1)
_FIRST: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Notice:
    """`id` is the notice's own, for a receiver that got it twice; `key` that of what it is about, from its opening to
    its end. `at` is in UTC, as text; no field holds a credential."""

    id: str
    key: str
    event: Event
    at: str
    title: str
    text: str
    severity: str
    source: str


def message(target: Target, notice: Notice, secret: Secret) -> Json:
    """The document that is posted."""
    if target == "pagerduty":
        return _pagerduty(notice, secret)
    text: dict[str, Json] = {"text": scrub(f"{notice.title}\n{notice.text}" if notice.title else notice.text)}
    is_slack = host_of(secret.reveal()).endswith("slack.com")
    details: dict[str, Json] = {name: value for name, value in asdict(notice).items() if name != "text"}
    return text if is_slack or notice.event == "logins" else {**text, "notice": details}


def wait_after(tries: int, asked: float | None) -> timedelta:
    """How long to wait after so many tries that failed; at least the seconds that the server asked for."""
    doubled = min(_LONGEST, _FIRST * 2 ** min(tries - 1, 10))
    return max(doubled, min(LONGEST_WAIT, timedelta(seconds=min(asked or 0.0, 1e9))))


def is_refused(status: int) -> bool:
    """Whether the message itself was refused, so that no repetition helps; other failures may pass."""
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
