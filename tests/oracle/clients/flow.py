"""What a user of the Python client does with it; prints what each step was answered as JSON."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
import zlib
from dataclasses import dataclass
from typing import Any

from push_api_clientpy import (  # type: ignore[import-not-found]
    AliasMapping,
    BatchDelete,
    BatchUpdate,
    DocumentBuilder,
    FileContainer,
    GroupSecurityIdentityBuilder,
    IdentityModel,
    SecurityIdentityAliasModel,
    SecurityIdentityBatchConfig,
    SecurityIdentityDelete,
    SecurityIdentityDeleteOptions,
    SecurityIdentityModel,
    Source,
)

EMAIL = "Email Security Provider"
EMULATOR = os.environ["ORACLE_URL"]
NAMES: dict[str, str] = json.loads(sys.argv[1])
PROVIDER, SOURCE, SECURED = NAMES["provider"], NAMES["source"], NAMES["secured"]
said: dict[str, tuple[int, str]] = {}


@dataclass
class Redirect:
    """An adapter of `requests` that sends what is meant for one host to the emulator."""

    host: str
    adapter: Any

    def send(self, request: Any, **options: Any) -> Any:
        """Change the host and nothing else."""
        request.url = request.url.replace(self.host, EMULATOR, 1)
        return self.adapter.send(request, **options)

    def close(self) -> None:
        """Close what is behind it."""
        self.adapter.close()


@dataclass
class IdentityBatch:
    """The file of an identity batch, for which the client has no type."""

    members: list[Any]
    mappings: list[Any]
    deleted: list[Any]


def redirected() -> Any:
    """Return a client whose two hosts are the emulator's."""
    source = Source(NAMES["key"], NAMES["organization"])
    session = source.client.session
    for name in ("api", "platform"):
        host = f"https://{name}.cloud.coveo.com"
        session.mount(host, Redirect(host, session.get_adapter("https://")))
    return source


def step(name: str, answer: Any) -> None:
    """Keep what was answered; refusals are told by whoever reads the output."""
    said[name] = (answer.status_code, answer.text)


def doc(name: str, text: str = "x") -> Any:
    """Return an item with a text."""
    return DocumentBuilder(f"https://kb/{name}", name).withData(text)


def group(name: str, *members: str) -> Any:
    """Return a group with its members."""
    users = [IdentityModel({}, member, "USER") for member in members]
    return SecurityIdentityModel(IdentityModel({}, name, "GROUP"), [], users)


def purge_identities(source: Any) -> None:
    """Push a group, and disable everything that is older than a moment later."""
    step("stale identity", source.createOrUpdateSecurityIdentity(PROVIDER, group("stale")))
    time.sleep(0.03)
    boundary = time.time_ns() // 1_000_000
    time.sleep(0.03)
    options = SecurityIdentityDeleteOptions(QueueDelay=0, OrderingID=boundary)
    step("identities older", source.deleteOldSecurityIdentities(PROVIDER, options))


def push_items(source: Any) -> None:
    """One by one, and as a batch."""
    step("create", source.create("made by python", "SECURED"))
    sales = GroupSecurityIdentityBuilder("sales", PROVIDER)
    one = doc("one", "first").withMetadataValue("oracle_price", 12)
    one.withAllowAnonymousUsers(allowAnonymous=False).withAllowedPermissions(sales)
    step("item", source.addOrUpdateDocument(SECURED, one))
    for name in ("gone", "gone/child", "old", "old/child"):
        step(f"item {name}", source.addOrUpdateDocument(SOURCE, doc(name)))
    # Not `source.deleteDocument`, which forgets an argument that its own client asks for.
    step("delete", source.client.deleteDocument(SOURCE, "https://kb/gone", deleteChildren=True))
    data = base64.b64encode(zlib.compress(b"packed text")).decode()
    packed = DocumentBuilder("https://kb/packed", "packed").withCompressedBinaryData(data, "ZLIB")
    deletes = [BatchDelete("https://kb/old", deleteChildren=False)]
    batch = BatchUpdate([packed, doc("plain", "text")], deletes)
    step("batch", source.batchUpdateDocuments(SOURCE, batch))


def push_identities(source: Any) -> None:
    """One by one, and as a batch."""
    step("identity", source.createOrUpdateSecurityIdentity(PROVIDER, group("sales", "dora")))
    dora = IdentityModel({}, "dora", "USER")
    alias = AliasMapping({}, "dora@example.com", "USER", EMAIL)
    mapping = SecurityIdentityAliasModel(dora, [], [alias])
    step("mapping", source.createOrUpdateSecurityIdentityAlias(PROVIDER, mapping))
    step("left", source.createOrUpdateSecurityIdentity(PROVIDER, group("left")))
    left = SecurityIdentityDelete(IdentityModel({}, "left", "GROUP"))
    step("delete identity", source.deleteSecurityIdentity(PROVIDER, left))
    container = FileContainer(**source.client.createFileContainer().json())
    content = IdentityBatch([group("support", "egon").toJSON()], [], [])
    step("upload", source.client.uploadContentToFileContainer(container, content))
    config = SecurityIdentityBatchConfig(container.fileId, time.time_ns() // 1_000_000)
    step("identity batch", source.manageSecurityIdentities(PROVIDER, config))


client = redirected()
purge_identities(client)
push_identities(client)
push_items(client)
print(json.dumps(said))  # noqa: T201 - what the test reads
