"""Our client's requests beside those of the official ones, endpoint by endpoint."""

from __future__ import annotations

import pytest

from consumer.coveo.endpoints import Endpoint
from tests.oracle.comparison import RUN, Difference, Request, difference, endpoint_of, forms
from tests.oracle.differences import DIFFERENCES
from tests.oracle.flows import Run
from tests.oracle.ours import our_requests

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def ours() -> dict[Endpoint, Request]:
    """Give the forms of our requests."""
    return forms(our_requests())


def test_we_call_every_endpoint(ours: dict[Endpoint, Request]) -> None:
    """The column of our client says so."""
    assert ours.keys() == set(Endpoint)


def test_each_client_reaches_the_endpoints_that_the_table_says(run: Run) -> None:
    """By our own method and path: what they send is recognised by our table of routes."""
    assert {endpoint_of(one) for one in run.seen} - {None} == RUN[run.client]


def test_a_client_makes_one_call_that_we_never_make(run: Run) -> None:
    """We write to sources, and leave creating them to people."""
    others = {(one.method, one.path) for one in run.seen if endpoint_of(one) is None}
    assert others == {("POST", "/rest/organizations/org/sources")}


def test_names_in_queries_and_bodies_differ_where_the_table_says(
    run: Run, ours: dict[Endpoint, Request]
) -> None:
    """Anything else that differs is a misreading, theirs or ours."""
    found = {
        endpoint: difference(theirs, ours[endpoint]) for endpoint, theirs in forms(run.seen).items()
    }
    assert {k: v for k, v in found.items() if v != Difference()} == DIFFERENCES[run.client]
