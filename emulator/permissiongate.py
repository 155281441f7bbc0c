"""Whether an item's permissions let it into a source, judged after the 202 (docs/63 and 78).

Imports: permissions, viewing, rejections, switches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.permissions import count_permissions, named_in, read_permissions
from emulator.rejections import BadItemError, Reason
from emulator.switches import EmailIdentities, IdentityKnown, RelatedIdentities
from emulator.viewing import key_of

if TYPE_CHECKING:
    from emulator.identities import IdentityKey
    from emulator.items import Draft
    from emulator.operations import Receipt
    from emulator.permissions import Identity, PermissionLevel
    from emulator.sources import Source
    from emulator.world import World


class PermissionGate:
    """Reads and judges permissions. It is called with the world's lock held."""

    __slots__ = ("_world",)

    def __init__(self, world: World) -> None:
        """Judge by the identities of this world."""
        self._world = world

    def admit(
        self, source: Source, draft: Draft, receipt: Receipt
    ) -> tuple[PermissionLevel, ...] | None:
        """Return what the permissions say; raises BadItemError if the item cannot have them."""
        raw = draft.permissions
        if not raw and source.secured:
            message = "a secured source needs permissions on every item"
            raise BadItemError(Reason.MISSING_PERMISSIONS, message)
        if raw is None:
            return None
        levels = read_permissions(raw)
        count, limit = count_permissions(levels), self._world.settings.limits.max_permissions
        if count > limit:
            message = f"{count} permissions, at most {limit} are allowed"
            raise BadItemError(Reason.TOO_MANY_PERMISSIONS, message)
        if source.secured:
            self._check_known(source, levels, receipt)
        return levels

    def _check_known(
        self, source: Source, levels: tuple[PermissionLevel, ...], receipt: Receipt
    ) -> None:
        named = dict.fromkeys(named_in(levels))
        missing = [who for who in named if not self._known(source, who, receipt)]
        if missing:
            first, others = missing[0], len(missing) - 1
            message = f"{first.kind} '{first.name}' is not known to its security provider"
            message += f", and {others} others" if others else ""
            raise BadItemError(Reason.UNKNOWN_IDENTITY, message)

    def _known(self, source: Source, who: Identity, receipt: Receipt) -> bool:
        world, switches = self._world, self._world.settings.switches
        key = key_of(world.directory, source, who)
        if self._exists(key):
            return True
        provider = world.directory.providers.get(key.provider)
        if provider is None or provider.spec.type != "EMAIL":
            return False
        if switches.email_identities is EmailIdentities.MUST_EXIST:
            return False
        if not world.directory.exists(key):
            world.enrolment.create_on_reference(key, who.name, receipt)
        return True

    def _exists(self, key: IdentityKey) -> bool:
        directory, switches = self._world.directory, self._world.settings.switches
        if switches.identity_known is IdentityKnown.REFRESHED:
            return self._world.cache.get(key).updated_ms is not None
        if switches.related_identities is RelatedIdentities.UNKNOWN:
            return directory.get(key) is not None
        return directory.exists(key)
