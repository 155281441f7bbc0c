"""The organization that the client's suites find in an emulator."""

from __future__ import annotations

from emulator.settings import (
    EMAIL_PROVIDER,
    Cascade,
    ProviderSpec,
    Settings,
    SourceSpec,
    Visibility,
)
from emulator.switches import DictionaryMetadata, Switches
from tests.contract.coveo.services import CATALOG, CRM, KEY, ORGANIZATION, SECURED, SOURCE

SETTINGS = Settings(
    organization=ORGANIZATION,
    sources=(
        SourceSpec(SOURCE),
        SourceSpec(SECURED, Visibility.SECURED, providers=(CRM,)),
        SourceSpec(CATALOG, type="CATALOG", stream_enabled=True),
    ),
    providers=(ProviderSpec(CRM, cascades=(Cascade(EMAIL_PROVIDER, EMAIL_PROVIDER),)),),
    api_keys=frozenset({KEY}),
    switches=Switches(dictionary_metadata=DictionaryMetadata.ONE_LEVEL),
)
