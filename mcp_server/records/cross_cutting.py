"""Technology choices that need a decision record: hosting, databases, queues, observability."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

# By subject, the names of technologies in files. A name counts only without a letter or digit next to it.
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
# Files in which a choice is made, not just mentioned: dependencies, deployment, and architecture pages.
_DECIDING: Final = (
    *("package.json", "pyproject.toml", "requirements*.txt", "go.mod", "Gemfile", "Cargo.toml", "pom.xml"),
    *("build.gradle*", "Dockerfile*", "*compose*.y*ml", "*.tf", "Chart.yaml", "Procfile", "fly.toml", "vercel.json"),
    *("netlify.toml", "serverless.y*ml", "app.yaml", "values*.yaml", "deployment*.y*ml", "ARCHITECTURE*.md"),
)


@dataclass(frozen=True)
class Choice:
    """`name` is as the file has it, `subject` what it is used for."""

    subject: str
    name: str
    pattern: re.Pattern[str]

    def is_decided(self, records: Iterable[str]) -> bool:
        """Whether one of these decision records names it."""
        return any(self.pattern.search(text) for text in records)


_PATTERNS: Final = tuple(
    (subject, re.compile(rf"(?<![a-z0-9])(?:{names})(?![a-z0-9])", re.IGNORECASE))
    for subject, words in _CHOICES.items()
    for names in words.split()
)


def decides(path: str) -> bool:
    """Whether choices are made in files of this name."""
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in _DECIDING)


def choices(added: str, removed: str) -> Iterable[Choice]:
    """The choices in the added lines of a file that are not in the removed ones."""
    for subject, pattern in _PATTERNS:
        found = pattern.search(added)
        if found and not pattern.search(removed):
            yield Choice(subject, found[0], pattern)
