"""What Claude Code and the operator keep in an agent's folder: config, environment, logins. All of it made up."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from mcp_server.clients import claude
from mcp_server.kernel.document import Json

LIVE = timedelta(hours=6)
"What is left of a healthy access token."
LOGIN = timedelta(days=25)
"What is left of a healthy login."


def invented(prefix: str, seed: str, length: int = 40) -> str:
    """A made-up token in the shape of a real one; the same for the same seed."""
    digits = hashlib.sha512(f"made up for {seed}".encode()).hexdigest() * 2
    return prefix + digits[:length]


def environment(agent: str) -> str:
    """An agent's `.env`."""
    lines = {
        "AGENT_NAME": agent,
        "OPENAI_API_KEY": invented("sk-" + "proj-", "openai"),
        "GEMINI_API_KEY": invented("AI" + "za", "gemini", 35),
        "GH_TOKEN": invented("ghp" + "_", f"github {agent}", 36),
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def config(agent: str, workspace: str, master: Mapping[str, Json], now: datetime) -> dict[str, Json]:
    """An agent's `.claude.json` after some weeks of work: the master's keys and Claude Code's own state."""
    some = int(hashlib.sha256(agent.encode()).hexdigest()[:8], 16)
    started = now - timedelta(days=20 + some % 40)
    return {
        "numStartups": 30 + some % 370,
        "installMethod": "npm",
        "autoUpdates": False,
        **master,
        "userID": hashlib.sha256(b"user of the example fleet").hexdigest(),
        "machineID": hashlib.sha256(b"host of the example fleet").hexdigest(),
        "firstStartTime": started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "hasCompletedOnboarding": True,
        "lastOnboardingVersion": claude.SEEN_ON,
        "tipsHistory": {"new-user-warmup": 1 + some % 8, "shift-enter": 1 + some % 29},
        "oauthAccount": {
            "accountUuid": "5d0c9a52-3c3f-4a7e-9d0b-0d8f6d1f2a11",
            "emailAddress": "fleet@agents-platform.example",
            "organizationUuid": "0b9b7a8c-41a5-4f0e-8a39-7c1c7f2f5d10",
            "organizationRole": "admin",
            "organizationName": "agents-platform",
        },
        "projects": {workspace: _project(some)},
    }


def _project(some: int) -> dict[str, Json]:
    return {
        "allowedTools": ["Bash(npm test:*)", "Bash(git status)"],
        "mcpContextUris": [],
        "mcpServers": {},
        "enabledMcpjsonServers": [],
        "disabledMcpjsonServers": [],
        "hasTrustDialogAccepted": True,
        "projectOnboardingSeenCount": 1 + some % 3,
        "lastCost": some % 90_000 / 10_000,
        "lastSessionId": f"{some:08x}-9f4e-4d0a-8a54-{some * 7919:012x}",
    }


def login(seed: str, access_until: datetime, login_until: datetime) -> dict[str, Json]:
    """A credential store of Claude Code with one made-up login; the same tokens for the same seed."""
    return {
        "claudeAiOauth": {
            "accessToken": invented("sk-ant-" + "oat01-", f"access {seed}", 95),
            "refreshToken": invented("sk-ant-" + "ort01-", f"refresh {seed}", 95),
            "expiresAt": milliseconds(access_until),
            "refreshTokenExpiresAt": milliseconds(login_until),
            "scopes": ["user:profile", "user:inference", "user:sessions:claude_code", "user:mcp_servers"],
            "subscriptionType": "max",
            "rateLimitTier": "default_claude_max_20x",
        }
    }


def milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def merge(path: Path, changes: Mapping[str, Json]) -> None:
    """Merge `changes` into a JSON file, object by object; its end stays as it is."""
    text = path.read_text("utf-8")
    write(path, json.dumps(merged(json.loads(text), changes), indent=2) + text[len(text.rstrip()) :])


def merged(value: Json, changes: Mapping[str, Json]) -> Json:
    result = dict(value) if isinstance(value, dict) else {}
    for key, change in changes.items():
        result[key] = merged(result.get(key), change) if isinstance(change, dict) else change
    return result


def write_json(path: Path, value: Mapping[str, Json]) -> None:
    """As Claude Code writes: two spaces, 0600."""
    write(path, json.dumps(value, indent=2, ensure_ascii=False))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")
