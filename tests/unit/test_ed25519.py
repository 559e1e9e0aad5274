"""Ed25519 verification gives the answers of RFC 8032 and of the cryptography library."""

import hashlib
import random
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workflows.audit.ed25519 import is_ed25519_key, is_ed25519_signature

ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19

LONG_MESSAGE = Path(__file__).parents[1] / "data" / "rfc8032_test_1024.hex"

# RFC 8032, section 7.1: public key, message, signature.
VECTORS = {
    "1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
        "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
        "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
        "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "1024": (
        "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
        "".join(LONG_MESSAGE.read_text(encoding="ascii").split()),
        "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350aa5371b1508f9f45"
        "28ecea23c436d94b5e8fcd4f681e30a6ac00a9704a188a03",
    ),
    "SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ec"
        "fdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_of_the_rfc_hold(name: str) -> None:
    key, message, signature = (bytes.fromhex(part) for part in VECTORS[name])
    assert is_ed25519_key(key)
    assert is_ed25519_signature(key, message, signature)
    assert not is_ed25519_signature(key, message + b"x", signature)


def library_says(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_answers_are_those_of_the_library_for_signatures_right_and_changed() -> None:
    rng = random.Random(8032)
    right = wrong = 0
    for _ in range(40):
        private = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
        key = private.public_key().public_bytes_raw()
        message = rng.randbytes(rng.randrange(200))
        parts = [key, message, private.sign(message)]
        assert is_ed25519_signature(*parts)
        changed = rng.randrange(3)
        content = bytearray(parts[changed] or b"\x00")
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        parts[changed] = bytes(content)
        answer = is_ed25519_signature(*parts)
        assert answer is library_says(*parts)
        right, wrong = right + answer, wrong + (not answer)
    assert (right, wrong) == (0, 40)


def signed() -> tuple[bytes, bytes, bytes]:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    message = "存证".encode()
    return private.public_key().public_bytes_raw(), message, private.sign(message)


def test_second_spelling_of_the_scalar_is_refused() -> None:
    key, message, signature = signed()
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    assert scalar < 2**256
    assert not is_ed25519_signature(key, message, signature[:32] + scalar.to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_key_or_signature_of_another_length_is_refused(length: int) -> None:
    key, message, signature = signed()
    assert not is_ed25519_signature((key * 3)[:length], message, signature)
    assert not is_ed25519_signature(key, message, (signature * 2)[:length])
    assert not is_ed25519_key((key * 3)[:length])


# The eight points of small order and the other spellings of y that OpenSSL would read.
SMALL_ORDER = [
    (1).to_bytes(32, "little"),
    (PRIME - 1).to_bytes(32, "little"),
    bytes(32),
    (1 << 255).to_bytes(32, "little"),
    *(
        bytes.fromhex(point)
        for point in (
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        )
    ),
]
OTHER_SPELLINGS = [
    PRIME.to_bytes(32, "little"),
    (PRIME + 1).to_bytes(32, "little"),
    (1 | 1 << 255).to_bytes(32, "little"),
    ((PRIME - 1) | 1 << 255).to_bytes(32, "little"),
]


@pytest.mark.parametrize("key", [*SMALL_ORDER, *OTHER_SPELLINGS], ids=bytes.hex)
def test_key_with_which_one_signature_would_do_for_all_is_refused(key: bytes) -> None:
    """R of small order and S = 0 pass for such keys wherever the cofactor is forgotten."""
    assert not is_ed25519_key(key)
    for point in SMALL_ORDER:
        for message in (b"one", b"another", b"third"):
            assert not is_ed25519_signature(key, message, point + bytes(32))


def test_point_off_the_curve_is_no_key() -> None:
    off = [n for n in range(2, 30) if not is_ed25519_key(n.to_bytes(32, "little"))]
    assert 5 < len(off) < 25


def test_second_spelling_of_the_point_r_is_refused() -> None:
    """S·B = R + k·A holds for it, but its bytes are not the canonical ones."""
    key, message, _ = signed()
    for point in OTHER_SPELLINGS:
        assert not is_ed25519_signature(key, message, point + bytes(32))
