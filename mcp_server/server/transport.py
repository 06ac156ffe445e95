"""Lines of JSON-RPC to and from one client, over any byte stream."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage
from mcp_types import (
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from mcp_server.server.invalid_request import refusal

LONGEST_LINE: Final = 8 << 20
"Bytes. A longer line is skipped and answered like one that is not JSON."
_LAST_ANSWERS: Final = 5.0
"Seconds."

Send = Callable[[bytes], Awaitable[None]]


async def converse(server: Server[Any], lines: AsyncIterator[bytes], send: Send) -> None:
    """Serve one client until its lines end. Requests that are unanswered then get a few seconds."""
    read_writer, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, write_reader = anyio.create_memory_object_stream[SessionMessage](0)
    wire = _Wire(send)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wire.receive, lines, read_writer)
        tasks.start_soon(wire.answer, write_reader)
        await server.run(read, write, server.create_initialization_options())


class _Wire:
    """While a client does not read an answer, no further line of it is read, so that it cannot fill our memory."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.turn = anyio.Lock()
        self.unanswered: set[str | int] = set()
        self.settled = anyio.Condition()

    async def receive(
        self, lines: AsyncIterator[bytes], server: MemoryObjectSendStream[SessionMessage | Exception]
    ) -> None:
        async with server:
            async for line in lines:
                if line.strip():
                    async with self.turn:
                        pass
                    await self.take(line, server)
            with anyio.move_on_after(_LAST_ANSWERS):
                async with self.settled:
                    while self.unanswered:
                        await self.settled.wait()

    async def take(self, line: bytes, server: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        message = message_in(line)
        if message is None:
            await self.deliver(json.dumps(refusal(line)).encode() + b"\n")
            return
        if isinstance(message, JSONRPCRequest):
            self.unanswered.add(message.id)
        await server.send(SessionMessage(message))

    async def answer(self, server: MemoryObjectReceiveStream[SessionMessage]) -> None:
        async with server:
            async for sent in server:
                text = sent.message.model_dump_json(by_alias=True, exclude_unset=True)
                await self.deliver(text.encode() + b"\n")
                if isinstance(sent.message, JSONRPCResponse | JSONRPCError):
                    async with self.settled:
                        self.unanswered.discard(sent.message.id)
                        self.settled.notify_all()

    async def deliver(self, line: bytes) -> None:
        async with self.turn:
            with suppress(ConnectionError):  # the client has left, and its lines are about to end
                await self.send(line)


def message_in(line: bytes) -> JSONRPCMessage | None:
    """The message in a line, if it is one. A request with an id of another type would pass for a notification."""
    try:
        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError:
        return None
    return None if isinstance(message, JSONRPCNotification) and "id" in json.loads(line) else message


async def lines_of(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The lines of a stream that has a limit. A line that is too long becomes one that is not JSON."""
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(max(error.consumed, 1))
            await _skip_line(reader)
            line = b"too long\n"
        except asyncio.IncompleteReadError as rest:
            line = rest.partial
        except ConnectionError:
            line = b""
        if not line:
            return
        yield line


async def _skip_line(reader: asyncio.StreamReader) -> None:
    while True:
        try:
            await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(max(error.consumed, 1))
        except asyncio.IncompleteReadError:
            return
        else:
            return
