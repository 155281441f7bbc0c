"""HTTP/1.1 on one connection, as the emulator serves it. Imports: httptools, uvicorn, wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.web.wire import ABORT_EXTENSION

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONNECT = b"CONNECT"


class EmulatorProtocol(HttpToolsProtocol):
    """Ignores offers to upgrade, and lets the application cut the connection.

    ASGI has no word for the cut. A server may ignore any offer (RFC 9110, section 7.8), and the
    official Java client makes one on every request.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Read with a parser that goes on behind an offer."""
        super().__init__(*arguments, **named)
        self.parser = cast("httptools.HttpRequestParser", OfferlessParser(self))

    def on_headers_complete(self) -> None:
        """Offer the cut to the application, then go on as usual."""
        if not self.parser.should_upgrade():
            scope = cast("dict[str, Any]", self.scope)
            scope["extensions"] = {ABORT_EXTENSION: self.transport.abort}
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note the end of a request, unless it comes again without its offer."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def head_without_offer(self, method: bytes) -> bytes:
        """Return the head of the request that was just read, but for its `Upgrade` header."""
        return b"".join(self._head_without_offer(method))

    def _head_without_offer(self, method: bytes) -> Iterator[bytes]:
        yield b"%b %b HTTP/1.1\r\n" % (method, self.url)
        for name, value in self.headers:
            if name != b"upgrade":
                yield b"%b: %b\r\n" % (name, value)
        yield b"\r\n"


class OfferlessParser:
    """httptools' parser for requests that may offer an upgrade.

    httptools takes an offer for accepted: it reads no body, and stops. So the request is read
    again without the offer, then what came behind its head.
    """

    def __init__(self, protocol: EmulatorProtocol) -> None:
        """Report to this connection."""
        self._protocol = protocol
        self._parser = httptools.HttpRequestParser(protocol)

    def __getattr__(self, name: str) -> Any:
        """Be the inner parser in everything else."""
        return getattr(self._parser, name)

    def feed_data(self, data: bytes) -> None:
        """Read on. Raises httptools.HttpParserError for what is not HTTP."""
        while True:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                method = self._parser.get_method()
                if method == _CONNECT:
                    message = "this is no proxy"
                    raise httptools.HttpParserError(message) from offer
                data = self._protocol.head_without_offer(method) + data[offer.args[0] :]
                self._parser = httptools.HttpRequestParser(self._protocol)
            else:
                return
