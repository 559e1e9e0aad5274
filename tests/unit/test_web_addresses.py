"""Where calls to other systems may go."""

from ipaddress import ip_address, ip_network

import pytest

from workflows.domain.web_addresses import Reach, Target, read_target

PUBLIC, NAMED = Reach(), Reach((ip_network("10.1.2.0/24"),))
MADE_UP = Reach(is_made_up=True)


@pytest.mark.parametrize(
    "url, wrong",
    [
        ("http://hooks.example/", "not_https"),
        ("ftp://hooks.example/", "not_https"),
        ("file:///etc/passwd", "unreadable"),
        ("https://", "unreadable"),
        ("https://a@hooks.example/", "unreadable"),
        ("https://hooks.example/#x", "unreadable"),
        ("https://hooks.example:99999/", "unreadable"),
        ("https://[::1/", "unreadable"),
        ("https://hooks.example/a b", "unreadable"),
        ("https://hooks.example/a\r\nHost: b", "unreadable"),
        ("https://督办.example/", "unreadable"),
        ("https://hooks.example/" + "a" * 500, "unreadable"),
        ("https://127.0.0.1/", "private"),
        ("https://10.1.2.3/", "private"),
        ("https://169.254.169.254/latest/meta-data", "private"),
        ("https://[::1]/", "private"),
        ("https://[::ffff:10.1.2.3]/", "private"),
        ("https://[64:ff9b::a01:203]/", "private"),
        ("http://127.0.0.1/", "not_https"),
        ("", "unreadable"),
    ],
)
def test_an_address_that_must_not_be_called_is_refused(url: str, wrong: str) -> None:
    assert read_target(url, PUBLIC) == wrong


def test_an_address_comes_in_its_parts() -> None:
    assert read_target("https://Hooks.example:8443/in?a=1", PUBLIC) == Target(
        "https", "hooks.example", 8443, "/in?a=1"
    )
    assert read_target("https://hooks.example", PUBLIC) == Target(
        "https", "hooks.example", 443, "/"
    )


def test_a_private_network_is_called_only_where_it_is_named() -> None:
    inside, outside = ip_address("10.1.2.3"), ip_address("10.1.3.3")
    assert (NAMED.allows(inside), NAMED.allows(outside)) == (True, False)
    assert NAMED.allows(ip_address("::ffff:10.1.2.3"))
    assert not NAMED.allows_all([inside, outside]), "one of a name's addresses is enough"
    assert not NAMED.allows_all([])


def test_this_machine_is_called_without_tls_in_a_demo_alone() -> None:
    assert read_target("http://127.0.0.1:9000/", MADE_UP) == Target("http", "127.0.0.1", 9000, "/")
    assert read_target("http://127.0.0.2:9000/", MADE_UP) == "not_https"
    assert read_target("https://192.168.1.1/", MADE_UP) == "private"
    assert not MADE_UP.allows(ip_address("::1"))
