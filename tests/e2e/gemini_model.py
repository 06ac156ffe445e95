"""A stand-in for the model behind the Gemini CLI: its streaming API on loopback, one answer after another.

A fake stands here because a real model cannot: no network, no credentials. The client is the real one.
"""

import json
from collections.abc import Sequence
from typing import Any

from tests.e2e.loopback import Answer, Loopback, Request, events


class GeminiModel(Loopback):
    """Answers the n-th request with the n-th text, the last one over again; keeps the requests' paths and bodies."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers, self.requests = answers, list[tuple[str, dict[str, Any]]]()

    def answer(self, request: Request) -> Answer:
        self.requests.append((request.path, request.body))
        text = self.answers[min(len(self.requests), len(self.answers)) - 1]
        candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": 0}
        return events(f"data: {json.dumps({'candidates': [candidate]})}\n\n")
