"""A clock that stands still: what a test says of age does not depend on the day that it is run."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class StandingClock:
    """`ports.Clock` at one moment: unless told otherwise, when the shipped and the example's pages were all fresh."""

    moment: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment
