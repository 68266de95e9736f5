import pytest

from rulectl.action.egress import EgressPolicy
from rulectl.errors import UsageError

POLICY = EgressPolicy.parse(api_server_url="https://10.96.0.1:443")


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("169.254.169.254", 80, "169.254.169.254"),
        ("metadata.google.internal", 80, "10.1.2.3"),
        ("rebound.example", 80, "169.254.169.254"),
        ("rebound.example", 80, "::ffff:169.254.169.254"),
        ("nat64.example", 80, "64:ff9b::a9fe:a9fe"),
        ("ec2", 80, "fd00:ec2::254"),
        ("azure", 80, "168.63.129.16"),
        ("neighbour", 80, "fe80::1%eth0"),
        ("10.96.0.1", 443, "10.96.0.1"),
        ("alias.example", 443, "10.96.0.1"),
        ("kubernetes.default.svc", 443, "10.96.0.9"),
        ("KUBERNETES.default.svc.", 443, "10.96.0.9"),
    ],
    ids=str,
)
def test_metadata_link_local_and_the_api_server_are_denied(host: str, port: int, address: str) -> None:
    assert POLICY.refusal(host, port, address) is not None


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [("agent", 8089, "127.0.0.1"), ("hooks.example", 443, "93.184.216.34"), ("10.96.0.1", 8443, "10.96.0.1")],
    ids=str,
)
def test_everything_else_is_allowed(host: str, port: int, address: str) -> None:
    assert POLICY.refusal(host, port, address) is None


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "::ffff:127.0.0.1"], ids=str)
def test_an_api_server_on_this_machine_is_denied_by_each_of_its_addresses(address: str) -> None:
    policy = EgressPolicy.parse(api_server_url="https://127.0.0.1:6443")
    assert policy.refusal("localhost", 6443, address) is not None
    assert policy.refusal("localhost", 6444, address) is None


def test_an_api_server_with_a_name_is_denied_by_its_addresses() -> None:
    policy = EgressPolicy.parse(api_server_url="https://k8s.example", resolve=lambda _host, _port: ["192.0.2.7"])
    assert policy.refusal("alias.example", 443, "192.0.2.7") is not None
    assert policy.refusal("k8s.example", 443, "192.0.2.99") is not None


@pytest.mark.parametrize(
    "entry", ["169.254.169.254", "169.254.0.0/16:80", "169.254.169.254:80", "meta.example", "meta.example:80"], ids=str
)
def test_an_exact_entry_lifts_a_denial(entry: str) -> None:
    assert EgressPolicy.parse(allow=[entry]).refusal("meta.example", 80, "169.254.169.254") is None


@pytest.mark.parametrize("entry", ["*.example", "*", "169.254.169.254:81", "other.example"], ids=str)
def test_a_glob_or_another_destination_does_not_lift_it(entry: str) -> None:
    assert EgressPolicy.parse(allow=[entry]).refusal("meta.example", 80, "169.254.169.254") is not None


def test_all_but_a_few_can_be_denied() -> None:
    policy = EgressPolicy.parse(allow=["*.example", "10.0.0.0/8"], deny=["*", "bad.example"])
    assert policy.refusal("good.example", 443, "192.0.2.1") is None
    assert policy.refusal("10.1.1.1", 443, "10.1.1.1") is None
    assert policy.refusal("bad.example", 443, "192.0.2.1") == "it is on the egress deny list"
    assert policy.refusal("other.test", 443, "192.0.2.1") == "it is not on the egress allow list"


def test_addresses_can_be_denied_whatever_their_name() -> None:
    policy = EgressPolicy.parse(deny=["192.168.0.0/16", "[fd00::1]:443"])
    assert policy.refusal("nas.example", 80, "192.168.1.5") == "it is on the egress deny list"
    assert policy.refusal("v6.example", 443, "fd00::1") == "it is on the egress deny list"
    assert policy.refusal("v6.example", 80, "fd00::1") is None


@pytest.mark.parametrize("entry", ["", "https://x.example", "x.example:http", "10.0.0.0/99", "[::1]x:"], ids=repr)
def test_what_is_no_destination_is_refused(entry: str) -> None:
    with pytest.raises(UsageError, match="is no"):
        EgressPolicy.parse(allow=[entry])
