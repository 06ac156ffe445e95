"""Lines that are not a JSON-RPC message, each with the id and the code of its answer."""

INVALID: tuple[tuple[bytes, object, int], ...] = (
    (b"[]", None, -32600),
    (b"17", None, -32600),
    (b'{"jsonrpc": "2.0"}', None, -32600),
    (b'{"jsonrpc": "2.0", "id": true, "method": "ping"}', None, -32600),
    (b'{"jsonrpc": "2.0", "id": {}, "method": "ping"}', None, -32600),
    (b'{"jsonrpc": "2.0", "id": 1e999, "method": "ping"}', None, -32600),
    (b'{"jsonrpc": "2.0", "id": 5, "result": 3}', None, -32600),
    (b'{"jsonrpc": "2.0", "id": 5}', 5, -32600),
    (b'{"jsonrpc": "1.0", "id": "five", "method": "ping"}', "five", -32600),
    (b'{"id": 5, "method": "ping"}', 5, -32600),
    (b'{"jsonrpc": "2.0", "id": 5, "method": 7}', 5, -32600),
    (b'{"jsonrpc": "2.0", "id": 5, "method": null, "params": {}}', 5, -32600),
    (b'{"jsonrpc": "2.0", "id": 5.5, "method": "ping"}', 5.5, -32600),
    (b'{"jsonrpc": "2.0", "id": "", "method": "tools/call", "params": []}', "", -32602),
    (b'{"jsonrpc": "2.0", "id": 0, "method": "tools/list", "params": "all"}', 0, -32602),
    (b'{"jsonrpc": "2.0", "id": NaN, "method": "ping"}', None, -32700),
)
