"""Contents too large for their items: containers of their own, before the batch's."""

from __future__ import annotations

from consumer.coveo.exchange import CreateContainer, PushBatch, Step, Upload
from consumer.coveo.push import Steps, attempt
from consumer.domain.fates import Abandoned, Accepted, Blocked, Outcome, Refused, RetryLater
from consumer.domain.records import TopicPartition
from tests.unit.coveo.builders import (
    KB,
    OTHER,
    answer,
    batch,
    error,
    fence,
    operation,
    with_content,
)

STORED = answer(200)
ACCEPTED = answer(202, b"null")
TWO = batch(with_content("a"), operation("b"), with_content("c", OTHER, b"more"))


class Dialogue:
    """Answers an attempt as the service would, naming its containers `f1`, `f2` and so on."""

    def __init__(self, steps: Steps) -> None:
        """Begin with the first step."""
        self._steps = steps
        self._files = 0
        self.step: Step | None = next(steps, None)
        self.outcome: Outcome | None = None

    def say(self, reply: object = None) -> Step | None:
        """Give a reply, or the good one; return what is asked next."""
        try:
            self.step = self._steps.send(reply or self._good())  # type: ignore[arg-type]
        except StopIteration as end:
            self.step, self.outcome = None, end.value
        return self.step

    def _good(self) -> object:
        match self.step:
            case CreateContainer():
                self._files += 1
                name = b"f%d" % self._files
                uri = b'"uploadUri":"https://upload.invalid/%s"' % name
                return answer(201, b'{"fileId":"%s",%s,"requiredHeaders":{}}' % (name, uri))
            case Upload():
                return STORED
            case _:
                return ACCEPTED

    def uploads(self, until: int) -> list[bytes]:
        """Say yes until so many bodies were uploaded; return them."""
        bodies = list[bytes]()
        while self.step is not None and len(bodies) < until:
            if isinstance(self.step, Upload):
                bodies.append(self.step.body)
            self.say()
        return bodies


def test_contents_are_stored_first_and_the_body_names_their_containers() -> None:
    """The whole way, literally."""
    talk = Dialogue(attempt(TWO, fence(p0=1, p1=1)))
    assert talk.uploads(3) == [
        b"zipped",
        b"more",
        (
            b'{"addOrUpdate":[{"documentId":"kb://a","compressedBinaryDataFileId":"f1"},'
            b'{"documentId":"kb://b"},{"documentId":"kb://c","compressedBinaryDataFileId":"f2"}],'
            b'"delete":[]}'
        ),
    ]
    assert talk.step == PushBatch(KB, "f3")
    talk.say()
    assert isinstance(talk.outcome, Accepted)
    endpoints = [call.endpoint for call in talk.outcome.attempt.calls]
    assert endpoints == ["files", "upload"] * 3 + ["documents/batch"]


def test_a_loss_after_the_contents_cuts_the_body_and_keeps_what_is_stored() -> None:
    """INV-3: what is lost is in no body; what is still ours need not be uploaded again."""
    guard = fence(p0=1, p1=1)
    talk = Dialogue(attempt(TWO, guard))
    talk.uploads(1)
    talk.say()
    guard.publish({TopicPartition("articles", 0): 1})
    more, body = talk.uploads(2)
    assert more == b"more"
    assert b"kb://c" not in body
    assert b'"compressedBinaryDataFileId":"f1"' in body
    talk.say()
    assert isinstance(talk.outcome, Accepted)
    assert talk.outcome.cut == {2}


def test_a_loss_right_before_the_batch_call_keeps_contents_for_the_next_body() -> None:
    """INV-3: only the batch's own container is abandoned, for only it holds what was lost."""
    guard = fence(p0=1, p1=1)
    talk = Dialogue(attempt(TWO, guard))
    talk.uploads(2)
    talk.say()
    guard.publish({TopicPartition("articles", 0): 1})
    talk.say()
    (body,) = talk.uploads(1)
    assert b"kb://c" not in body
    assert b'"compressedBinaryDataFileId":"f1"' in body
    assert talk.step == PushBatch(KB, "f4")


def test_losing_everything_while_contents_are_stored_abandons() -> None:
    """No batch call was made: the containers are left to expire."""
    guard = fence(p0=1, p1=1)
    talk = Dialogue(attempt(TWO, guard))
    talk.uploads(1)
    guard.publish({})
    talk.uploads(1)
    assert isinstance(talk.outcome, Abandoned)


def test_another_attempt_stores_contents_anew() -> None:
    """Nobody knows what has become of the containers of an attempt that failed."""
    first = Dialogue(attempt(TWO, fence(p0=1, p1=1)))
    first.uploads(3)
    first.say(answer(503))
    assert isinstance(first.outcome, RetryLater)
    assert first.outcome.ambiguous
    assert Dialogue(attempt(TWO, fence(p0=1, p1=1))).uploads(2) == [b"zipped", b"more"]


def test_a_content_that_cannot_be_stored_ends_the_attempt() -> None:
    """Before the batch call nothing is ambiguous, and a body that is too large can be split."""
    for reply, kind in (
        (answer(403), RetryLater),
        (answer(413), Refused),
    ):
        talk = Dialogue(attempt(TWO, fence(p0=1, p1=1)))
        talk.say()
        talk.say(reply)
        assert isinstance(talk.outcome, kind)
        assert not getattr(talk.outcome, "ambiguous", False)
    talk = Dialogue(attempt(TWO, fence(p0=1, p1=1)))
    talk.say(error(401, "INVALID_TOKEN"))
    assert isinstance(talk.outcome, Blocked)
