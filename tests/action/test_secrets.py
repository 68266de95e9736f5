from pathlib import Path

import pytest

from rulectl.action.masker import Masker
from rulectl.action.secret import Secret, SecretKeyRef, SecretSource
from rulectl.action.secrets import SECRETS, SecretReader
from rulectl.clock import VirtualClock
from rulectl.errors import Forbidden, PermanentError, TransientError
from tests.action.fakes import FakeKube, secret

TOKEN = SecretSource(SecretKeyRef("agent", "token"))


class Bench:
    def __init__(self) -> None:
        self.kube = FakeKube().put(SECRETS, secret("agent", token="hunter2", other="x"))
        self.clock = VirtualClock()
        self.reader = SecretReader(self.kube, self.clock, Masker())

    def token(self) -> str:
        return self.reader.read(TOKEN, "shop").reveal()


def test_a_key_of_a_secret_is_read_and_from_then_on_masked() -> None:
    bench = Bench()
    assert bench.token() == "hunter2"
    assert bench.reader.masker.mask("hunter2") == "***"


def test_a_burst_of_actions_reads_the_secret_once() -> None:
    bench = Bench()
    assert [bench.token() for _ in range(5)] == ["hunter2"] * 5
    assert len(bench.kube.calls) == 1


def test_a_rotated_secret_is_noticed_soon() -> None:
    bench = Bench()
    bench.token()
    bench.kube.put(SECRETS, secret("agent", token="hunter3"))
    bench.clock.advance(10)
    assert bench.token() == "hunter3"


def test_reading_again_does_not_use_the_copy() -> None:
    bench = Bench()
    bench.token()
    bench.kube.put(SECRETS, secret("agent", token="hunter3"))
    assert bench.reader.read_again(TOKEN, "shop").reveal() == "hunter3"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (SecretKeyRef("nobody", "token"), "Secret shop/nobody does not exist; create it"),
        (SecretKeyRef("agent", "tokn"), "Secret shop/agent has no key 'tokn' (it has other, token); add the key"),
    ],
    ids=["secret", "key"],
)
def test_what_is_missing_may_come_and_the_message_says_what_it_is(reference: SecretKeyRef, message: str) -> None:
    with pytest.raises(TransientError) as fault:
        Bench().reader.read(SecretSource(reference), "shop")
    assert str(fault.value) == message


def test_a_secret_that_may_not_be_read_is_final() -> None:
    bench = Bench()
    bench.kube.faults["get"] = [Forbidden("secrets is forbidden", status=403)]
    with pytest.raises(Forbidden):
        bench.token()


def test_beside_an_object_without_namespace_the_reference_has_to_name_one() -> None:
    with pytest.raises(PermanentError, match="secretKeyRef 'agent' needs a namespace"):
        Bench().reader.read(TOKEN, "")


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("hunter2\n")
    reader, source = Bench().reader, SecretSource(file=str(file))
    first = reader.read(source)
    file.write_text("hunter3\n")
    assert (first.reveal_token(), reader.read(source).reveal_token()) == ("hunter2", "hunter3")


def test_a_file_that_is_not_there_may_come(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="cannot be read: No such file or directory"):
        Bench().reader.read(SecretSource(file=str(tmp_path / "nothing")))


def test_a_secret_shows_itself_only_when_asked() -> None:
    value = Secret(b"hunter2")
    assert (str(value), repr(value), f"{value}") == ("***", "Secret(***)", "***")


def test_binary_data_is_no_text() -> None:
    with pytest.raises(PermanentError, match="not UTF-8"):
        Secret(b"\xff\xfe").reveal()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "give exactly one of secretKeyRef and file"),
        ({"secret_key_ref": SecretKeyRef("a", "b"), "file": "/x"}, "give exactly one of secretKeyRef and file"),
        ({"file": "token"}, "has to be absolute"),
    ],
    ids=["none", "both", "relative"],
)
def test_a_reference_points_to_one_place(source: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SecretSource(**source)  # type: ignore[arg-type]
