"""A receiver of OTLP over HTTP on loopback: which metrics arrive, and with which attributes."""

import gzip
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest


@dataclass
class Receiver:
    """`metrics` and `logs` have the attributes of the resource, by the metric's name and per batch of records."""

    url: str
    metrics: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    logs: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])

    def take(self, path: str, kind: str, body: bytes) -> None:
        if path.endswith("/v1/metrics"):
            sent = ExportMetricsServiceRequest()
            _parse(sent, kind, body)
            for one in sent.resource_metrics:
                facts = {fact.key: fact.value.string_value for fact in one.resource.attributes}
                self.metrics |= {metric.name: facts for scope in one.scope_metrics for metric in scope.metrics}
        elif path.endswith("/v1/logs"):
            records = ExportLogsServiceRequest()
            _parse(records, kind, body)
            for batch in records.resource_logs:
                self.logs.append({fact.key: fact.value.string_value for fact in batch.resource.attributes})


def _parse(into: ExportMetricsServiceRequest | ExportLogsServiceRequest, kind: str, body: bytes) -> None:
    if "json" in kind:
        json_format.Parse(body, into, ignore_unknown_fields=True)
    else:
        into.ParseFromString(body)


@contextmanager
def receiving() -> Generator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self._body()
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            receiver.take(self.path, self.headers.get("content-type", ""), body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def _body(self) -> bytes:
            if self.headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("content-length") or 0))
            parts: list[bytes] = []
            while length := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(length))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
