"""What is personal goes, what a story needs stays, and masking twice is masking once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.text.masking import masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to anna.b+x@mail.example.de.", "Write to [email]."),
        ("call +49 170 1234567 now", "call [phone] now"),
        ("06.12.34.56.78", "[phone]"),
        ("(555) 123-4567 or 555-123-4567", "[phone] or [phone]"),
        ("card 4111 1111 1111 1111 12/26", "card [card] 12/26"),
        ("not a card 4111 1111 1111 1112", "not a card [number]"),
        ("IBAN DE89 3704 0044 0532 0130 00 BANK", "IBAN [iban] BANK"),
        ("from 192.168.1.10", "from [ip]"),
        ("fe80::1ff:fe23:4567:890a", "[ip]"),
        ("see http://shop.example/help and https://x.example/o?id=33.", "see http://shop.example/help and [url]."),
        ("ssn 123-45-6789, CPF 123.456.789-09", "ssn [id], CPF [id]"),
        ("order 88213377, ref AB-123456, order no. 1234", "order [number], ref [number], order no. [number]"),
        ("@tom_hanks help", "[handle] help"),
        ("My name is John Smith and I wait", "My name is [name] and I wait"),
        ("je m'appelle Zoé Martin.", "je m'appelle [name]."),
        ("I am Anna Schmidt.", "I am [name]."),
        ("Herr Müller und Frau von der Leyen", "Herr [name] und Frau [name]"),
        ("M. Dupont, Mme Petit, Sra. Silva", "M. [name], Mme [name], Sra. [name]"),
        ("Kind regards,\nJohn Smith", "Kind regards,\n[name]"),
        ("Mit freundlichen Grüßen\nHans Meier\n", "Mit freundlichen Grüßen\n[name]\n"),
    ],
)
def test_what_is_personal_goes(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Paid $1,200.50, R$ 1.200,00, 1 200 € and 1500 euros: 20 % more",
        "On 12/05/2024 at 12:30:45, 2024-05-12 10:30, 15h30, 20240512",
        "in 2019-2020, 24/7, 10-15 days, room 1234, MP3000, 5 000 000",
        "My name is XXXX XXXX, acct XXXX1234, on XX/XX/2019",
        "Thanks for the quick help",
        "Mr. XXXX called",
        "",
    ],
)
def test_what_a_story_needs_stays(text: str) -> None:
    assert masked(text) == text


PIECES = st.sampled_from(
    "4111 1111 1111 1111|a@b.co|@x_y|+49 170|1234567|www.|http://a.b/c?d|DE89 3704 0044 0532 0130 00|1.2.3.4|::|fe80|"
    "Mr |Anna|My name is |Regards,|\n| |.|-|/|(|)|$|€|12:30|2024-01-02|order |#|ab12345|[name]|[card]|XXXX|é|x".split(
        "|"
    )
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


@pytest.mark.parametrize(
    "piece", ["1", "a", "1 ", "a.b-", "@", "My name is ", "1.1,", "f:", "+(1) ", "aa11 ", "http://"]
)
def test_a_long_text_is_read_to_its_end(piece: str) -> None:
    """A hundred thousand signs of what tempts a pattern to go back and forth; the address after it is still found."""
    text = piece * (100_000 // len(piece)) + " . a@b.example"
    assert masked(text).endswith("[email]")
