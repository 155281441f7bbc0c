"""The page about Coveo's interface: its tables are what the code says."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Iterator

import pytest

from consumer.coveo.accounts import call_of
from consumer.coveo.api.files import FilesApi
from consumer.coveo.api.identities import IdentitiesApi
from consumer.coveo.api.items import ItemsApi
from consumer.coveo.api.logs import LogsApi
from consumer.coveo.api.platform import PlatformApi
from consumer.coveo.api.security_cache import SecurityCacheApi
from consumer.coveo.api.streams import StreamsApi
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import ROUTES, Endpoint, Host
from consumer.coveo.exchange import Response
from consumer.coveo.regions import Region
from consumer.coveo.results import Done
from consumer.observe.events import call_made
from tests.docs.pages import first_column, section
from tests.unit.coveo.recorder import Recorder
from tests.unit.coveo.test_api import CALLS

PAGE = "docs/coveo.md"
PARTS: dict[str, type] = {
    "files": FilesApi,
    "items": ItemsApi,
    "identities": IdentitiesApi,
    "streams": StreamsApi,
    "logs": LogsApi,
    "security_cache": SecurityCacheApi,
    "platform": PlatformApi,
}


def methods() -> Iterator[tuple[str, str]]:
    """Yield every method of the client with what it returns."""
    for part, kind in PARTS.items():
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_"):
                yield f"{part}.{name}", _value(typing.get_type_hints(method)["return"])


def _value(result: object) -> str:
    """Return what a `Result` holds on success."""
    done = next(each for each in typing.get_args(result) if typing.get_origin(each) is Done)
    (value,) = typing.get_args(done)
    name = getattr(value, "__name__", None) or repr(value)
    if typing.get_origin(value) is tuple:
        return f"tuple of {typing.get_args(value)[0].__name__}"
    return "Limits" if "Limit" in repr(value) and name != "Limits" else name


def called(endpoint: Endpoint) -> str:
    """Return the method that calls an endpoint, as the tests of addresses call it."""
    source = inspect.getsource(inspect.getmodule(CALLS[endpoint][0]) or inspect)
    match = re.search(rf"Endpoint\.{endpoint.name}: \(\s*lambda c: c\.(\w+\.\w+)", source)
    assert match, endpoint
    return match[1]


def rows() -> list[str]:
    """Return the table of endpoints as it must stand on the page."""
    values = dict(methods())
    return [_row(endpoint, values[called(endpoint)]) for endpoint in ROUTES]


def _row(endpoint: Endpoint, value: str) -> str:
    route, method = ROUTES[endpoint], called(endpoint)
    codes = ", ".join(map(str, sorted(route.successes)))
    ambiguous = "yes" if route.changes else ""
    cells = (f"`{endpoint}`", _address(endpoint), f"`{method}`", value, codes, ambiguous)
    return f"| {' | '.join(cells)} |"


def _address(endpoint: Endpoint) -> str:
    route = ROUTES[endpoint]
    host = {Host.PUSH: "", Host.PLATFORM: "platform", Host.STORAGE: "the container's"}[route.host]
    path = route.template or "uploadUri"
    for root in ("/push/v1/organizations/{organization}", "/rest/organizations/{organization}"):
        path = path.replace(root, "…")
    shown = f"`{path}`"
    return f"{route.method} {shown}{f' ({host})' if host else ''}"


def test_every_endpoint_is_there_with_method_address_value_and_codes() -> None:
    """Copied from the code once, and compared with it ever after."""
    shown = [line for line in section(PAGE, "Endpoints").splitlines() if line.startswith("| `")]
    assert shown == rows()


def test_every_method_of_the_client_calls_an_endpoint_of_the_table() -> None:
    """One method each, none without an endpoint."""
    assert sorted(name for name, _ in methods()) == sorted(called(each) for each in Endpoint)


def test_every_error_code_is_explained() -> None:
    """Both ways."""
    told = first_column(section(PAGE, "Error codes"))
    assert sorted(told) == sorted(code.value for code in ErrorCode)


def test_every_region_has_its_hosts() -> None:
    """The configuration names a region, a firewall names hosts."""
    text = section(PAGE, "Hosts")
    for region in Region:
        hosts = (region.push_url, region.platform_url)
        push, platform = (url.removeprefix("https://") for url in hosts)
        assert f"| `{region}` | `{push}` | `{platform}` |" in text


def test_what_is_logged_of_a_call_is_told() -> None:
    """Every field that such a line can have."""
    headers = {"Date": "Tue, 24 Nov 2026 12:00:00 GMT", "Retry-After": "17"}
    heard: list[Response] = []

    def told(_: Endpoint, reply: object) -> None:
        assert isinstance(reply, Response)
        heard.append(reply)

    refused = Recorder(429, b'{"errorCode":"TOO_MANY_REQUESTS"}', **headers)
    CALLS[Endpoint.ITEMS_OLDER][0](refused.client(told=told))
    CALLS[Endpoint.BATCH][0](refused.client(told=told))
    fields = {name for reply in heard for name in call_made(call_of(Endpoint.BATCH, reply)).fields}
    assert set(first_column(section(PAGE, "What is logged of a call"))) == fields


@pytest.mark.parametrize("word", ["Done", "Declined", "Garbled", "Failure"])
def test_every_kind_of_result_is_told(word: str) -> None:
    """Whoever calls must handle each."""
    assert f"| `{word}` |" in section(PAGE, "Results")
