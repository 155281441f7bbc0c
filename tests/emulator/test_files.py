"""File containers and the storage behind them."""

from __future__ import annotations

import json

from emulator.calls import Endpoint, Reply
from emulator.settings import Limits
from emulator.switches import SecondUpload, Switches, UnknownFile
from tests.emulator.driver import STORAGE_HEADERS, Driver, error_of, upsert


def code_of(reply: Reply) -> tuple[int, str]:
    """Status and code of a storage error."""
    text = reply.body.decode()
    return reply.status, text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_container_is_created_with_201_and_the_two_required_headers(driver: Driver) -> None:
    """A client that ignores the answer sends exactly these two."""
    reply = driver.call(Endpoint.CREATE_FILE)
    assert reply.status == 201
    assert json.loads(reply.body)["requiredHeaders"] == {
        "x-amz-server-side-encryption": "AES256",
        "Content-Type": "application/octet-stream",
    }


def test_the_upload_address_is_absolute_and_names_the_container(driver: Driver) -> None:
    """Clients put to it as it is."""
    created = driver.create_file()
    start = f"http://emulator/_s3/org/{created['fileId']}?X-Amz-Date="
    assert created["uploadUri"].startswith(start)
    assert "X-Amz-Expires=3600" in created["uploadUri"]
    assert "X-Amz-Signature=" in created["uploadUri"]


def test_an_upload_answers_200_without_a_body(driver: Driver) -> None:
    """So does S3."""
    reply = driver.upload(driver.create_file()["uploadUri"], b"{}")
    assert (reply.status, reply.body) == (200, b"")


def test_an_upload_with_authorization_is_a_400(driver: Driver) -> None:
    """S3 takes one way of authentication only."""
    headers = STORAGE_HEADERS | {"authorization": "Bearer some-key"}
    reply = driver.upload(driver.create_file()["uploadUri"], b"{}", headers)
    assert code_of(reply) == (400, "InvalidArgument")


def test_an_upload_without_a_required_header_is_denied(driver: Driver) -> None:
    """The headers are part of what was signed."""
    headers = {"content-type": "application/octet-stream"}
    reply = driver.upload(driver.create_file()["uploadUri"], b"{}", headers)
    assert code_of(reply) == (403, "AccessDenied")


def test_an_upload_with_another_content_type_is_denied(driver: Driver) -> None:
    """A batch is JSON, but it is uploaded as octets."""
    headers = STORAGE_HEADERS | {"content-type": "application/json"}
    reply = driver.upload(driver.create_file()["uploadUri"], b"{}", headers)
    assert code_of(reply) == (403, "AccessDenied")


def test_an_upload_with_an_unsigned_storage_header_is_denied(driver: Driver) -> None:
    """S3 refuses x-amz headers that the signature does not cover."""
    headers = STORAGE_HEADERS | {"x-amz-acl": "public-read"}
    reply = driver.upload(driver.create_file()["uploadUri"], b"{}", headers)
    assert code_of(reply) == (403, "AccessDenied")


def test_a_signature_is_valid_for_one_container_only(driver: Driver) -> None:
    """Otherwise one address would open all."""
    first, second = driver.create_file(), driver.create_file()
    forged = first["uploadUri"].replace(first["fileId"], second["fileId"])
    assert code_of(driver.upload(forged, b"{}")) == (403, "SignatureDoesNotMatch")


def test_a_longer_life_time_breaks_the_signature(driver: Driver) -> None:
    """The life time is signed too."""
    forged = driver.create_file()["uploadUri"].replace("Expires=3600", "Expires=9999")
    assert code_of(driver.upload(forged, b"{}")) == (403, "SignatureDoesNotMatch")


def test_an_upload_address_lives_sixty_minutes(driver: Driver) -> None:
    """The last millisecond is inside, the hour is not."""
    uri = driver.create_file()["uploadUri"]
    driver.clock.advance(3_600_000)
    assert code_of(driver.upload(uri, b"{}")) == (403, "AccessDenied")


def test_an_upload_in_the_last_millisecond_is_taken(driver: Driver) -> None:
    """The other side of the same edge."""
    uri = driver.create_file()["uploadUri"]
    driver.clock.advance(3_599_999)
    assert driver.upload(uri, b"{}").status == 200


def test_a_second_upload_is_denied(driver: Driver) -> None:
    """One container is one upload."""
    uri = driver.create_file()["uploadUri"]
    driver.upload(uri, b"{}")
    assert code_of(driver.upload(uri, b"{}")) == (403, "AccessDenied")


def test_a_second_upload_replaces_the_first_if_so_switched() -> None:
    """S3 itself lets a presigned address be used again."""
    driver = Driver.of(switches=Switches(second_upload=SecondUpload.REPLACE))
    created = driver.create_file()
    driver.upload(created["uploadUri"], b"not JSON")
    body = json.dumps({"addOrUpdate": [upsert("a://1")]}).encode()
    assert driver.upload(created["uploadUri"], body).status == 200
    driver.call(Endpoint.PUSH_BATCH, fileId=created["fileId"])
    assert driver.indexed() == ["a://1"]


def test_an_upload_above_the_limit_is_a_413(driver: Driver) -> None:
    """256 MB is the limit of a container."""
    reply = driver.upload(driver.create_file()["uploadUri"], b"", oversize=True)
    assert code_of(reply) == (413, "EntityTooLarge")


def test_a_pushed_container_is_gone(driver: Driver) -> None:
    """One container is one push."""
    file_id = driver.file_with(b'{"addOrUpdate":[]}')
    assert driver.call(Endpoint.PUSH_BATCH, fileId=file_id).status == 202
    again = driver.call(Endpoint.PUSH_BATCH, fileId=file_id)
    assert error_of(again) == (412, "INVALID_PARAMETER")


def test_an_unknown_file_id_is_a_412(driver: Driver) -> None:
    """Undocumented; the default is the answer a client notices."""
    reply = driver.call(Endpoint.PUSH_BATCH, fileId="0000")
    assert error_of(reply) == (412, "INVALID_PARAMETER")


def test_an_unfilled_container_is_a_412(driver: Driver) -> None:
    """A client that ignores a failed upload learns it here."""
    reply = driver.call(Endpoint.PUSH_BATCH, fileId=driver.create_file()["fileId"])
    assert error_of(reply) == (412, "INVALID_PARAMETER")


def test_a_filled_container_expires_too(driver: Driver) -> None:
    """Sixty minutes are for upload and push together."""
    file_id = driver.file_with(b'{"addOrUpdate":[]}')
    driver.clock.advance(3_600_000)
    reply = driver.call(Endpoint.PUSH_BATCH, fileId=file_id)
    assert error_of(reply) == (412, "INVALID_PARAMETER")


def test_an_unknown_file_id_can_be_accepted_and_fail_later() -> None:
    """The other reading of the same silence."""
    driver = Driver.of(switches=Switches(unknown_file=UnknownFile.ACCEPT_THEN_ERROR))
    assert driver.call(Endpoint.PUSH_BATCH, fileId="0000").status == 202
    entry = driver.log()[0]
    assert entry["operation"] == "BATCH_FILE"
    assert entry["task"] == "CONSUMING_BATCH"
    assert entry["result"] == "ERROR"
    assert entry["reason"] == "BATCH_FILE_MISSING"


def test_containers_of_one_seed_have_the_same_ids() -> None:
    """A failing run can be repeated."""
    assert Driver.of().create_file()["fileId"] == Driver.of().create_file()["fileId"]


def test_the_life_time_is_a_setting() -> None:
    """A test of expiry need not wait for an hour."""
    driver = Driver.of(limits=Limits(container_lifetime_seconds=1))
    uri = driver.create_file()["uploadUri"]
    driver.clock.advance(1_000)
    assert code_of(driver.upload(uri, b"{}")) == (403, "AccessDenied")
