"""Stand-ins on loopback for the models behind Codex (Responses API) and Gemini CLI: each has its client run lines.

Fakes stand here because the real models cannot: no network, no credentials. The clients are the real ones.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.loopback import Answer, Loopback, Request, document, events


@dataclass
class OtherModel(Loopback):
    """Asks for one line after the other, then ends; `outputs` is what the client told of each."""

    lines: list[str]
    outputs: list[str] = field(default_factory=list[str])

    def answer(self, request: Request) -> Answer:
        if request.method == "GET":
            return document({"models": []})
        if request.path.startswith("/v1/responses"):
            return events(self.codex(request.body))
        if "streamGenerateContent" in request.path:
            return events(self.gemini(request.body))
        return document({"totalTokens": 1, "candidates": []})

    def codex(self, body: dict[str, Any]) -> str:
        report = [item for item in body["input"] if item.get("type") == "function_call_output"]
        self.outputs = [json.dumps(item["output"]) for item in report]
        item: dict[str, Any] = {"type": "message", "id": "m", "role": "assistant", "content": []}
        if len(report) < len(self.lines):
            arguments = json.dumps({"cmd": self.lines[len(report)], "yield_time_ms": 30_000})
            item = {
                "type": "function_call",
                "id": f"f{len(report)}",
                "call_id": f"c{len(report)}",
                "name": "exec_command",
            }
            item |= {"arguments": arguments}
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        told_by = [
            {"type": "response.created", "response": {"id": "r"}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {"id": "r", "usage": usage}},
        ]
        return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in told_by)

    def gemini(self, body: dict[str, Any]) -> str:
        parts = [part for content in body["contents"] for part in content.get("parts", [])]
        report = [part["functionResponse"] for part in parts if "functionResponse" in part]
        self.outputs = [json.dumps(each["response"]) for each in report] or self.outputs
        part: dict[str, Any] = {"text": "done"}
        if len(report) < len(self.lines):
            part = {"functionCall": {"name": "run_shell_command", "args": {"command": self.lines[len(report)]}}}
        candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
        usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
        return f"data: {json.dumps({'candidates': [candidate], 'usageMetadata': usage})}\n\n"
