"""Security identities of a provider, pushed and disabled. Imports: the core, no HTTP library.

The paths say `permissions`, an old name of identities (docs.coveo.com/en/33, 84).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator import errors
from emulator.calls import Reply
from emulator.endpoints.common import (
    consumed_file,
    parsed_body,
    purge_boundary,
    queue_delay_ms,
)
from emulator.enrolment import DisableOlderThan, IdentityBatchFile
from emulator.identitybodies import IdentityAction, read_identity
from emulator.operations import Receipt
from emulator.parameters import integer, optional_integer, required
from emulator.rejections import BadItemError
from emulator.switches import UnknownProvider

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.enrolment import IdentityOperation
    from emulator.world import World


def push_identity(world: World, call: Call) -> Reply:
    """Add or replace an identity with its members."""
    return _single(world, call, IdentityAction.PUT_MEMBERS)


def push_alias(world: World, call: Call) -> Reply:
    """Add or replace an identity with what it is mapped to in other providers."""
    return _single(world, call, IdentityAction.PUT_MAPPINGS)


def delete_identity(world: World, call: Call) -> Reply:
    """Disable an identity; it is a DELETE with a body (docs.coveo.com/en/84)."""
    return _single(world, call, IdentityAction.DISABLE)


def push_identity_batch(world: World, call: Call) -> Reply:
    """Queue a file of identities (docs.coveo.com/en/55)."""
    required(call.query, "fileId")
    ordering_id = optional_integer(call.query, "orderingId")
    provider = _provider(world, call)
    file_id, content = consumed_file(world, call)
    return _accept(world, call, provider, ordering_id, IdentityBatchFile(file_id, content))


def disable_older_than(world: World, call: Call) -> Reply:
    """Queue the disabling of everything older, which also becomes a barrier."""
    ordering_id = integer(call.query, purge_boundary(call))
    delay_ms = queue_delay_ms(world, call)
    provider = _provider(world, call)
    receipt = Receipt(world.clock.now_ms(), ordering_id, call.number)
    for _ in range(call.copies):
        world.enqueue_identities(provider, receipt, DisableOlderThan(), delay_ms)
    return _done()


def _single(world: World, call: Call, action: IdentityAction) -> Reply:
    ordering_id = optional_integer(call.query, "orderingId")
    provider = _provider(world, call)
    try:
        step = read_identity(parsed_body(call), action)
    except BadItemError as error:
        raise errors.invalid_json(error.detail) from error
    return _accept(world, call, provider, ordering_id, step)


def _provider(world: World, call: Call) -> str:
    named = call.parts.get("provider", "")
    found = world.directory.find(named)
    if found is not None:
        return found.spec.id
    if world.settings.switches.unknown_provider is UnknownProvider.REJECT_412:
        detail = f"there is no security provider '{named}'."
        raise errors.invalid_parameter(name="providerId", detail=detail)
    return named


def _accept(
    world: World, call: Call, provider: str, ordering_id: int | None, operation: IdentityOperation
) -> Reply:
    for _ in range(call.copies):
        receipt = world.identity_receipt(provider, ordering_id, call.number)
        world.enqueue_identities(provider, receipt, operation)
    return _done()


def _done() -> Reply:
    # Shown for the purge, inferred for the others; an empty body breaks a client.
    return Reply(202, b"{}")
