"""Choices that need a decision record: hosting, databases, queues, observability. What a change says of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

# What is chosen, by what it is for, and how files name it. A word counts where no letter or digit stands around it.
_CHOICES: Final = {
    "hosting": "kubernetes|k8s helm terraform pulumi heroku vercel netlify fly[.]io fargate|ecs lambda nomad "
    "cloudfoundry render[.]com appengine cloudrun openshift",
    "databases": "postgres(?:ql)?|psycopg[23]?|asyncpg|pg mysql|mariadb|pymysql mongo(?:db|ose)?|pymongo "
    "dynamodb cassandra sqlite3? cockroachdb elasticsearch|opensearch clickhouse supabase planetscale neo4j",
    "queues": "redis rabbitmq|amqp|amqplib|pika kafka|kafkajs sqs celery bullmq|bull sidekiq nats temporal(?:io)? "
    "pubsub graphile-worker",
    "observability": "prometheus|prom-client grafana datadog|dd-trace sentry|sentry-sdk "
    "opentelemetry|otel jaeger loki newrelic honeycomb zipkin tempo",
}
# Where such a choice is made, as opposed to mentioned: dependencies, deployment, and the architecture's own pages.
_DECIDING: Final = (
    *("package.json", "pyproject.toml", "requirements*.txt", "go.mod", "Gemfile", "Cargo.toml", "pom.xml"),
    *("build.gradle*", "Dockerfile*", "*compose*.y*ml", "*.tf", "Chart.yaml", "Procfile", "fly.toml", "vercel.json"),
    *("netlify.toml", "serverless.y*ml", "app.yaml", "values*.yaml", "deployment*.y*ml", "ARCHITECTURE*.md"),
)


@dataclass(frozen=True)
class Choice:
    """`name` is how the file names it, `subject` what it is for."""

    subject: str
    name: str
    pattern: re.Pattern[str]


def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (subject, re.compile(rf"(?<![a-z0-9])(?:{names})(?![a-z0-9])", re.IGNORECASE))
        for subject, words in _CHOICES.items()
        for names in words.split()
    )


_PATTERNS: Final = _compiled()


def decides(path: str) -> bool:
    """Whether a file of this path is one in which such a choice is made."""
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in _DECIDING)


def choices(added: str, removed: str) -> Iterable[Choice]:
    """What the added lines of a file bring that the removed ones did not have."""
    for subject, pattern in _PATTERNS:
        found = pattern.search(added)
        if found and not pattern.search(removed):
            yield Choice(subject, found[0], pattern)


def undecided(choice: Choice, records: Iterable[str]) -> bool:
    """Whether none of these texts of decision records names the choice."""
    return not any(choice.pattern.search(text) for text in records)
