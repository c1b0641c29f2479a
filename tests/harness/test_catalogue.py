# SPDX-License-Identifier: Apache-2.0
"""The claims files, what is wrong with a bad one, SELECT words, and what is still to build."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec import catalogue as module
from sockspec.catalogue import TO_BUILD, Catalogue, load_catalogue, load_to_build
from sockspec.errors import FAULT, NOTHING_SELECTED, USAGE, SockspecError

if TYPE_CHECKING:
    from collections.abc import Iterable

CHECKOUT = Path(__file__).parents[2]
CLAIMS = CHECKOUT / "harness" / "sockspec" / "claims"
SHIPPED = load_catalogue()

SOURCE = """\
[source]
id = "article"
title = "Sockets"
language = "en"
note = "A text on sockets."
systems = ["unix"]
"""
INTERFACES = """
[interfaces]
connect = "connect()"
recv = "recv()"
"""
CLAIM = """
[[claim]]
id = "recv.partial"
interface = "recv"
lines = "260"
strength = "states"
statement = "recv() returns what has arrived."
"""


def write(folder: Path, text: str | bytes, name: str = "article.toml") -> Path:
    """A claims file in the folder; the folder is returned."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def refused(folder: Path, status: int = FAULT) -> str:
    """The message with which the folder is refused."""
    with pytest.raises(SockspecError) as caught:
        load_catalogue(folder)
    assert caught.value.status == status
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


# --- the catalogue that is shipped --------------------------------------------------------------


def of_article() -> list[str]:
    return [claim.id for claim in SHIPPED.claims if claim.source == "article"]


def test_every_claim_of_the_article_has_its_entry() -> None:
    ids = of_article()
    listed = "".join(f"{claim_id}\n" for claim_id in sorted(ids))
    assert len(ids) == 159
    assert (
        hashlib.sha256(listed.encode()).hexdigest()
        == "cd07c7cd08606fb9e0eb16a7b6128c3cbe818a5315fa64cb184626add90071e1"
    )


def test_the_claims_of_the_article_keep_its_order() -> None:
    ids = of_article()
    assert ids[0] == "intro.local-ipc"
    assert ids[-2:] == ["api.prototypes", "api.headers"]


@pytest.mark.parametrize("claim", SHIPPED.claims, ids=lambda claim: claim.id)
def test_a_statement_is_one_plain_sentence(claim: module.Claim) -> None:
    assert claim.statement.isascii()
    assert claim.statement.endswith(".")
    assert ". " not in claim.statement
    assert 30 <= len(claim.statement) <= 240


def test_no_two_claims_say_the_same() -> None:
    statements = [(claim.interface, claim.statement) for claim in SHIPPED.claims]
    assert len(set(statements)) == len(statements)


def test_every_interface_has_a_claim() -> None:
    assert {claim.interface for claim in SHIPPED.claims} == set(SHIPPED.interfaces)


def test_a_claim_speaks_of_the_systems_of_its_source_if_it_names_none() -> None:
    claim = SHIPPED.by_id["recv.partial"]
    assert claim.systems == SHIPPED.sources["article"].systems
    assert claim.untestable is None


@pytest.mark.parametrize("file", sorted(CLAIMS.glob("*.toml")), ids=lambda file: file.name)
def test_a_shipped_file_is_read_the_fast_way_and_rightly(file: Path) -> None:
    text = file.read_text("utf-8")
    document = module._plain_toml(text)
    assert document is not None, "outside the plain part of TOML: loading takes four times as long"
    assert document == tomllib.loads(text)


# --- loading ------------------------------------------------------------------------------------


def test_a_claim_is_loaded_with_all_it_says(tmp_path: Path) -> None:
    optional = 'systems = ["linux", "posix"]\nuntestable = "It speaks of the future."\n'
    loaded = load_catalogue(write(tmp_path, SOURCE + INTERFACES + CLAIM + optional))
    assert loaded.claims == (
        module.Claim(
            id="recv.partial",
            source="article",
            interface="recv",
            place="line 260",
            statement="recv() returns what has arrived.",
            strength="states",
            systems=("linux", "posix"),
            untestable="It speaks of the future.",
        ),
    )
    assert loaded.sources["article"] == module.Source(
        "article", "Sockets", "en", "A text on sockets.", ("unix",)
    )
    assert loaded.interfaces == {"connect": "connect()", "recv": "recv()"}
    assert loaded.by_id["recv.partial"] is loaded.claims[0]


def test_several_files_are_one_catalogue_and_share_their_interfaces(tmp_path: Path) -> None:
    write(tmp_path, SOURCE + INTERFACES + CLAIM)
    write(
        tmp_path,
        SOURCE.replace("article", "rfc") + CLAIM.replace("recv.partial", "recv.window"),
        "rfc.toml",
    )
    loaded = load_catalogue(tmp_path)
    assert [(claim.id, claim.source) for claim in loaded.claims] == [
        ("recv.partial", "article"),
        ("recv.window", "rfc"),
    ]


def test_nothing_in_a_catalogue_can_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        SHIPPED.claims[0].statement = "Another."  # type: ignore[misc]
    with pytest.raises(TypeError):
        SHIPPED.by_id["x.y"] = SHIPPED.claims[0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ("1", "line 1"),
        ("142", "line 142"),
        ("17-24", "lines 17\N{EN DASH}24"),
        ("38,41", "lines 38, 41"),
        ("321,393-399", "lines 321, 393\N{EN DASH}399"),
    ],
)
def test_good_lines(tmp_path: Path, lines: str, place: str) -> None:
    loaded = load_catalogue(write(tmp_path, SOURCE + INTERFACES + CLAIM.replace("260", lines)))
    assert loaded.claims[0].place == place


def test_a_source_without_line_numbers_has_sections(tmp_path: Path) -> None:
    claim = CLAIM.replace('lines = "260"', 'section = "recv(), RETURN VALUE"')
    loaded = load_catalogue(write(tmp_path, SOURCE + INTERFACES + claim))
    assert loaded.claims[0].place == "recv(), RETURN VALUE"


BAD_CLAIMS = {
    "unknown key": (
        'lines = "260"',
        'line = "260"',
        "claim recv.partial: unknown key 'line'; did you mean 'lines'?",
    ),
    "unknown key like no other": (
        'lines = "260"',
        'lines = "260"\nzzz = "1"',
        (
            "claim recv.partial: unknown key 'zzz'; known are id, interface, lines, section, "
            "statement, strength, systems, untestable"
        ),
    ),
    "no place": (
        'lines = "260"\n',
        "",
        "claim recv.partial: give its place as 'lines' or as 'section', one of the two",
    ),
    "two places": (
        'lines = "260"',
        'lines = "260"\nsection = "recv()"',
        "claim recv.partial: give its place as 'lines' or as 'section', one of the two",
    ),
    "no section": (
        'lines = "260"',
        'section = ""',
        (
            "claim recv.partial: section is ''; it has to be the heading, on one line, such as "
            "'bind(), ERRORS'"
        ),
    ),
    "no id": (
        'id = "recv.partial"\n',
        "",
        (
            "claim number 1: the key 'id' is missing; add it: lower-case words joined by dots, "
            "such as 'recv.partial'"
        ),
    ),
    "strength": (
        '"states"',
        '"must"',
        (
            "claim recv.partial: strength is 'must'; it has to be one of 'shall', 'should', 'may', "
            "'states'"
        ),
    ),
    "strength misspelt": (
        '"states"',
        '"shal"',
        "claim recv.partial: strength is 'shal'; did you mean 'shall'?",
    ),
    "strength of a wrong type": (
        '"states"',
        "[1]",
        (
            "claim recv.partial: strength is [1]; it has to be one of 'shall', 'should', 'may', "
            "'states'"
        ),
    ),
    "interface": (
        'interface = "recv"',
        'interface = "recieve"',
        "claim recv.partial: interface is 'recieve'; did you mean 'recv'?",
    ),
    "interface like no other": (
        'interface = "recv"',
        'interface = "zzz"',
        "claim recv.partial: interface is 'zzz'; it has to be one of the names under [interfaces]",
    ),
    "empty statement": (
        '"recv() returns what has arrived."',
        '""',
        "claim recv.partial: statement is ''; it has to be one sentence on one line",
    ),
    "blank statement": (
        '"recv() returns what has arrived."',
        '"  "',
        "claim recv.partial: statement is '  '; it has to be one sentence on one line",
    ),
    "statement of two lines": (
        '"recv() returns what has arrived."',
        '"One\\ntwo."',
        "claim recv.partial: statement is 'One\\ntwo.'; it has to be one sentence on one line",
    ),
    "empty reason": (
        'strength = "states"',
        'strength = "states"\nuntestable = ""',
        "claim recv.partial: untestable is ''; it has to be the reason, on one line",
    ),
    "systems no list": (
        'strength = "states"',
        'strength = "states"\nsystems = "linux"',
        "claim recv.partial: systems is 'linux'; it has to be a list of names such as ['linux']",
    ),
    "systems empty": (
        'strength = "states"',
        'strength = "states"\nsystems = []',
        "claim recv.partial: systems is []; it has to be a list of names such as ['linux']",
    ),
    "systems twice": (
        'strength = "states"',
        'strength = "states"\nsystems = ["linux", "linux"]',
        "claim recv.partial: systems is ['linux', 'linux']; it has to be a list of names",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_a_bad_claim_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CLAIM
    text = SOURCE + INTERFACES + CLAIM.replace(old, new)
    assert refused(write(tmp_path, text)).startswith(f"article.toml: {message}")


@pytest.mark.parametrize(
    "bad",
    ["recv", "Recv.partial", "recv.", ".partial", "recv..x", "recv.a b", "recv_x.y", "re-cv.x"],
)
def test_a_bad_id_is_refused(tmp_path: Path, bad: str) -> None:
    text = SOURCE + INTERFACES + CLAIM.replace("recv.partial", bad)
    assert refused(write(tmp_path, text)) == (
        f"article.toml: claim {bad}: id is {bad!r}; it has to be lower-case words joined by dots, "
        "such as 'recv.partial'"
    )


@pytest.mark.parametrize(
    "bad",
    ["", "0", "012", "a", "17-", "-24", "24-17", "17-17", "41,38", "38,38", "38, 41", "1,2-", "²",
     "9" * 5000],
    ids=lambda bad: bad[:10] or "empty",
)  # fmt: skip
def test_bad_lines_are_refused(tmp_path: Path, bad: str) -> None:
    text = SOURCE + INTERFACES + CLAIM.replace('"260"', f'"{bad}"')
    assert refused(write(tmp_path, text)) == (
        f"article.toml: claim recv.partial: lines is {bad!r}; it has to be rising line numbers "
        "and ranges such as '142', '17-24' or '38,41'"
    )


def test_lines_that_are_a_number_are_refused(tmp_path: Path) -> None:
    text = SOURCE + INTERFACES + CLAIM.replace('"260"', "260")
    assert "claim recv.partial: lines is 260; it has to be" in refused(write(tmp_path, text))


def test_an_id_may_stand_only_once_in_a_file(tmp_path: Path) -> None:
    assert refused(write(tmp_path, SOURCE + INTERFACES + CLAIM + CLAIM)) == (
        "article.toml: claim recv.partial: the id is taken in article.toml; choose another"
    )


def test_an_id_may_stand_in_one_file_only(tmp_path: Path) -> None:
    write(tmp_path, SOURCE + INTERFACES + CLAIM)
    write(tmp_path, SOURCE.replace("article", "rfc") + CLAIM, "rfc.toml")
    assert refused(tmp_path) == (
        "rfc.toml: claim recv.partial: the id is taken in article.toml; choose another"
    )


def test_an_interface_may_be_named_in_one_file_only(tmp_path: Path) -> None:
    write(tmp_path, SOURCE + INTERFACES + CLAIM)
    write(
        tmp_path,
        SOURCE.replace("article", "rfc")
        + INTERFACES.replace('connect = "connect()"\n', "")
        + CLAIM.replace("recv.partial", "recv.x"),
        "rfc.toml",
    )
    assert refused(tmp_path) == (
        "rfc.toml: [interfaces]: 'recv' is in another file too; delete one"
    )


BAD_FILES: dict[str, tuple[str | bytes, str]] = {
    "not TOML": ("[source\n", "article.toml: not TOML: Expected ']' at the end of a table"),
    "a key twice": (SOURCE + CLAIM + 'lines = "261"\n', "article.toml: not TOML: Cannot overwrite"),
    "nested without end": ("a = " + "[" * 100_000, "article.toml: not TOML: "),
    "a number without end": ("a = " + "9" * 100_000, "article.toml: not TOML: "),
    "not UTF-8": (
        SOURCE.encode() + b'# caf\xe9"\n',
        "article.toml: byte 110 is not UTF-8; save it as UTF-8",
    ),
    "NUL": (SOURCE + "# \0\n", "article.toml: not TOML: Found invalid character '\\x00'"),
    "empty": ("", "article.toml: 'source' is missing or of the wrong kind; write [source]"),
    "no source": (
        INTERFACES + CLAIM,
        "article.toml: 'source' is missing or of the wrong kind; write [source]",
    ),
    "no claim": (
        SOURCE + INTERFACES,
        "article.toml: 'claim' is missing or of the wrong kind; write [[claim]]",
    ),
    "claim a table": (
        SOURCE + INTERFACES + CLAIM.replace("[[claim]]", "[claim]"),
        "article.toml: 'claim' is missing or of the wrong kind; write [[claim]]",
    ),
    "claim a list of strings": (
        'claim = ["recv.partial"]\n' + SOURCE,
        "article.toml: claim number 1: is no table; write [[claim]] and its keys below",
    ),
    "unknown table": (
        SOURCE + INTERFACES + CLAIM.replace("[[claim]]", "[[claims]]"),
        "article.toml: unknown table 'claims'; did you mean 'claim'?",
    ),
    "unknown key of the source": (
        SOURCE.replace("note", "nota") + CLAIM,
        "article.toml: [source]: unknown key 'nota'; did you mean 'note'?",
    ),
    "missing key of the source": (
        SOURCE.replace('note = "A text on sockets."\n', "") + CLAIM,
        "article.toml: [source]: the key 'note' is missing; add it: what the document is",
    ),
    "empty title": (
        SOURCE.replace('"Sockets"', '""') + CLAIM,
        "article.toml: [source]: title is ''; it has to be the document's title",
    ),
    "systems of the source": (
        SOURCE.replace('["unix"]', '"unix"') + CLAIM,
        "article.toml: [source]: systems is 'unix'; it has to be the systems it speaks of, a list",
    ),
    "a source of another name": (
        SOURCE.replace('"article"', '"rfc"') + CLAIM,
        "article.toml: [source]: id is 'rfc'; it has to be the file's name without .toml",
    ),
    "interface without meaning": (
        SOURCE + '[interfaces]\nrecv = ""\n' + CLAIM,
        "article.toml: [interfaces]: 'recv' is ''; it has to be a lower-case name and a few words",
    ),
    "interface in upper case": (
        SOURCE + '[interfaces]\nRecv = "recv()"\n' + CLAIM,
        "article.toml: [interfaces]: 'Recv' is 'recv()'; it has to be a lower-case name",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    observed = refused(write(tmp_path, text))
    assert observed.startswith(message)
    if "not TOML" in message:
        assert observed.endswith("; correct it there")


def test_a_folder_without_claims_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    assert refused(tmp_path) == (
        f"{tmp_path}: holds no claims; it has to have a .toml file for each source"
    )


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == (
        f"{tmp_path}/none: cannot be read: No such file or directory; it has to be a folder"
    )


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "article.toml").mkdir()
    assert refused(tmp_path) == "article.toml: cannot be read: Is a directory; is it there?"


def test_a_message_stays_one_line_whatever_it_quotes() -> None:
    error = SockspecError("a\nb\x1b[31m\u2028\udcff é 初", FAULT)
    assert str(error) == "a\\nb\\x1b[31m\\u2028\\udcff é 初"


# --- the fast way to read TOML ------------------------------------------------------------------

TOML_LINES = st.sampled_from(
    [
        "", "[source]", "[interfaces]", "[[claim]]", "[claim]", "[other]", " [source]",
        'id = "a"', 'id = "b"', 'note = "[[claim]]"', 'note = "# none" # one', 'note = "a" b',
        'note = "\\u0041"', 'note = "tab\there"', 'note = "é\u2028\x85"', "note = 'a'", 'note="a"',
        'systems = ["a"]', 'systems = ["a", "b"]', 'systems = ["a","b"]', 'systems = ["a", "b",]',
        'systems = ["a\\", "b"]', "systems = []", "lines = 1", "a.b = 1", '"id" = "a"', "id",
        "# comment", "# bad \x7f", "\r", 'id = "a"\r', 'note = """', '"""', "x = {}",
        'note = "a""b"',
    ]
)  # fmt: skip


@given(st.lists(TOML_LINES, max_size=8).map("\n".join))
def test_the_fast_way_agrees_with_tomllib_or_passes(text: str) -> None:
    document = module._plain_toml(text)
    if document is not None:
        assert document == tomllib.loads(text)


# --- SELECT words -------------------------------------------------------------------------------


def ids(claims: Iterable[module.Claim]) -> list[str]:
    return [claim.id for claim in claims]


def not_selected(*words: str) -> tuple[str, int]:
    """The message and the status of a selection that fails."""
    with pytest.raises(SockspecError) as caught:
        SHIPPED.select(words)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value), caught.value.status


def test_no_word_selects_all() -> None:
    assert SHIPPED.select([]) == SHIPPED.claims
    assert SHIPPED.select() == SHIPPED.claims


def test_an_id_selects_its_claim() -> None:
    assert ids(SHIPPED.select(["recv.partial"])) == ["recv.partial"]


def test_a_glob_selects_by_id() -> None:
    assert ids(SHIPPED.select(["recv.*-*"])) == [
        "recv.returns-count",
        "recv.connected-only",
        "recv.excess-dropped",
        "recv.blocks-when-empty",
        "recv.nonblocking-eagain",
    ]
    assert ids(SHIPPED.select(["shutdown.[rw]?-discards"])) == [
        "shutdown.rd-discards",
        "shutdown.wr-discards",
    ]


def test_an_interface_selects_also_claims_of_other_rooms() -> None:
    chosen = ids(SHIPPED.select(["interface:connect"]))
    assert "bind.client-needs-none" in chosen
    assert "connect.tcp-handshake" in chosen


def test_a_source_selects_its_claims() -> None:
    assert ids(SHIPPED.select(["source:article"])) == of_article()
    assert ids(SHIPPED.select(["source:art*"])) == of_article()


def test_a_glob_after_a_prefix() -> None:
    chosen = SHIPPED.select(["interface:get*name"])
    assert {claim.interface for claim in chosen} == {"getpeername", "getsockname"}


def test_several_words_are_a_union_in_catalogue_order() -> None:
    assert ids(SHIPPED.select(["recv.partial", "close.*", "close.refcount"])) == [
        "close.returns-zero",
        "close.returns-at-once",
        "close.refcount",
        "close.descriptor-dead",
        "recv.partial",
    ]


UNSELECTED = {
    "recv.parcial": "'recv.parcial' selects no claim; did you mean 'recv.partial'?",
    "connect": "'connect' selects no claim; did you mean 'interface:connect' or 'connect.*'?",
    "names": "'names' selects no claim; did you mean 'names.*'?",
    "article": "'article' selects no claim; did you mean 'source:article'?",
    "conect.*": "'conect.*' selects no claim; did you mean 'connect.*'?",
    "Recv.partial": "'Recv.partial' selects no claim; did you mean 'recv.partial'?",
    "interface:conect": "'interface:conect' selects no claim; did you mean 'interface:connect'?",
    "source:articel": "'source:articel' selects no claim; did you mean 'source:article'?",
    "source:zzz": "'source:zzz' selects no claim; see 'sockspec list claims'",
    "zzz*": "'zzz*' selects no claim; see 'sockspec list claims'",
    "[z-a].x": "'[z-a].x' selects no claim; see 'sockspec list claims'",
    "interface:recv\n": "'interface:recv\\n' selects no claim; did you mean 'interface:recv'",
    "-q": "'-q' selects no claim; see 'sockspec list claims'",
}


@pytest.mark.parametrize(("word", "message"), UNSELECTED.items())
def test_a_word_that_selects_nothing(word: str, message: str) -> None:
    observed, status = not_selected(word)
    assert observed.startswith(message)
    assert status == NOTHING_SELECTED


FORMS = "use a claim id, source:ID or interface:NAME; '*' stands for any characters"
MALFORMED = {
    "": f"'' is no selection: nothing to look for; {FORMS}",
    "interface:": f"'interface:' is no selection: nothing to look for; {FORMS}",
    "id:recv": f"'id:recv' has the unknown prefix 'id:'; {FORMS}",
    "iface:recv": "'iface:recv' has the unknown prefix 'iface:'; did you mean 'interface:recv'?",
    "sorce:article": "'sorce:article' has the unknown prefix 'sorce:'; did you mean "
    "'source:article'?",
    ":recv": f"':recv' has the unknown prefix ':'; {FORMS}",
    "source:a:b": "'source:a:b' has the unknown prefix 'source:a:'; did you mean 'source:b'?",
}


@pytest.mark.parametrize(("word", "message"), MALFORMED.items())
def test_a_malformed_word(word: str, message: str) -> None:
    assert not_selected(word) == (message, USAGE)


def test_one_word_that_selects_nothing_spoils_the_selection() -> None:
    message, status = not_selected("recv.partial", "recv.nothing-like-it")
    assert "'recv.nothing-like-it' selects no claim" in message
    assert status == NOTHING_SELECTED


def test_every_suggestion_selects_something() -> None:
    for word in UNSELECTED:
        message, _ = not_selected(word)
        for suggestion in message.partition("did you mean ")[2].rstrip("?").split(" or "):
            if suggestion:
                assert SHIPPED.select([suggestion.strip("'")])


ID = st.sampled_from(SHIPPED.claims).map(lambda claim: claim.id)
WORD = st.one_of(
    ID,
    ID.map(lambda claim_id: claim_id.split(".")[0] + ".*"),
    st.tuples(ID, st.integers(0, 20)).map(lambda pair: pair[0][: pair[1]] + "*"),
    st.sampled_from(sorted(SHIPPED.interfaces)).map("interface:{}".format),
    st.just("source:article"),
)


@given(st.lists(WORD, min_size=1, max_size=5), st.randoms())
def test_a_selection_is_the_union_of_its_words_in_any_order(words: list[str], random: Any) -> None:
    chosen = SHIPPED.select(words)
    parts = {claim.id for word in words for claim in SHIPPED.select([word])}
    assert [claim.id for claim in SHIPPED.claims if claim.id in parts] == ids(chosen)
    shuffled = [*words, words[0]]
    random.shuffle(shuffled)
    assert SHIPPED.select(shuffled) == chosen


@given(ID)
def test_an_id_selects_one_claim(claim_id: str) -> None:
    assert SHIPPED.select([claim_id]) == (SHIPPED.by_id[claim_id],)


@given(st.text(alphabet="abcdeinotr.*?[]!-", min_size=1, max_size=8))
def test_a_glob_selects_what_fnmatch_says_or_nothing(pattern: str) -> None:
    expected = [i for i in ids(SHIPPED.claims) if fnmatch.fnmatchcase(i, pattern)]
    if expected:
        assert ids(SHIPPED.select([pattern])) == expected
    else:
        assert not_selected(pattern)[1] == NOTHING_SELECTED


@given(st.text(max_size=20))
def test_any_word_selects_something_or_is_told_in_one_line(word: str) -> None:
    try:
        assert SHIPPED.select([word])
    except SockspecError:
        assert not_selected(word)[1] in (USAGE, NOTHING_SELECTED)


# --- what is to build ---------------------------------------------------------------------------


def small(folder: Path, to_build: str | bytes) -> Catalogue:
    """A catalogue of two claims, in a folder with this list."""
    write(folder, SOURCE + INTERFACES + CLAIM + CLAIM.replace("partial", "count"))
    write(folder, to_build, TO_BUILD)
    return load_catalogue(folder)


def test_the_shipped_list_names_claims_only() -> None:
    listed = load_to_build(SHIPPED)
    assert set(listed) <= SHIPPED.by_id.keys()
    assert not [claim_id for claim_id in listed if SHIPPED.by_id[claim_id].untestable]


def test_comments_and_empty_lines_say_nothing(tmp_path: Path) -> None:
    loaded = small(tmp_path, "# To build.\n\nrecv.count  # soon\n  recv.partial\n#recv.x\n")
    assert load_to_build(loaded, tmp_path) == ("recv.count", "recv.partial")


def test_the_list_may_be_empty(tmp_path: Path) -> None:
    assert load_to_build(small(tmp_path, "# All built.\n"), tmp_path) == ()


BAD_LISTS: dict[str, tuple[str | bytes, str]] = {
    "unknown": (
        "recv.count\nrecv.partail\n",
        "to_build.txt: line 2: no claim has the id 'recv.partail'; did you mean 'recv.partial'",
    ),
    "like no other": (
        "zzz\n",
        "to_build.txt: line 1: no claim has the id 'zzz'; delete the line",
    ),
    "two on a line": (
        "recv.count recv.partial\n",
        "to_build.txt: line 1: no claim has the id 'recv.count recv.partial'; ",
    ),
    "twice": (
        "recv.count\n# again\nrecv.count\n",
        "to_build.txt: line 3: 'recv.count' is on line 1 too; delete one of them",
    ),
    "not UTF-8": (b"recv.count\n\xff\n", "to_build.txt: byte 11 is not UTF-8; save it as UTF-8"),
}


@pytest.mark.parametrize(("text", "message"), BAD_LISTS.values(), ids=BAD_LISTS)
def test_a_bad_list_is_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    loaded = small(tmp_path, text)
    with pytest.raises(SockspecError) as caught:
        load_to_build(loaded, tmp_path)
    assert caught.value.status == FAULT
    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) == 1


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    loaded = small(tmp_path, "")
    (tmp_path / TO_BUILD).unlink()
    with pytest.raises(SockspecError, match=r"^to_build.txt: cannot be read: No such file"):
        load_to_build(loaded, tmp_path)


# --- that list only shrinks ---------------------------------------------------------------------


class NoHistoryError(Exception):
    """The history cannot be looked at; says why."""


def git(checkout: Path, *words: str, stdin: str = "") -> str:
    """What git prints; errors: NoHistoryError with git's complaint."""
    # A hook that runs the tests would otherwise point git at its own repository.
    hook = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
    try:
        done = subprocess.run(
            ["git", "-C", str(checkout), *words],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            env={name: value for name, value in os.environ.items() if name not in hook},
        )
    except OSError as error:
        raise NoHistoryError(f"git cannot be started: {error.strerror}") from error
    if done.returncode:
        complaint = done.stderr.strip().splitlines() or ["no message"]
        fatal = [line for line in complaint if line.startswith("fatal:")]
        raise NoHistoryError(f"git {words[0]}: {(fatal or complaint)[-1]}")
    return done.stdout


def listed_in(text: str) -> frozenset[str]:
    """The ids of one version of the list."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line)


def versions(checkout: Path, path: str, commits: list[str]) -> dict[str, frozenset[str]]:
    """The ids that the list had at each commit; commits without the list are left out."""
    asked = "".join(f"{commit}:{path}\n" for commit in commits)
    found = git(checkout, "cat-file", "--batch-check=%(objectname)", stdin=asked).splitlines()
    blobs = {
        commit: answer
        for commit, answer in zip(commits, found, strict=True)
        if not answer.endswith(" missing")
    }
    texts = {blob: git(checkout, "cat-file", "blob", blob) for blob in sorted(set(blobs.values()))}
    return {commit: listed_in(texts[blob]) for commit, blob in blobs.items()}


def growth(checkout: Path, path: str) -> list[str]:
    """Where the list gained an id: at a commit, against any of its parents, or since the last.

    A commit without the list has that of its parents, so that it cannot be made anew either.
    """
    if not (checkout / ".git").exists():
        raise NoHistoryError("this is no git checkout")
    if git(checkout, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise NoHistoryError("the clone is shallow; git fetch --unshallow")
    lines = git(checkout, "rev-list", "--topo-order", "--reverse", "--parents", "HEAD").splitlines()
    history = [line.split() for line in lines]
    written = versions(checkout, path, [commit for commit, *_ in history])
    if not written:
        raise NoHistoryError(f"no commit has {path} yet")
    bounds: dict[str, frozenset[str]] = {}
    grown: list[str] = []
    for commit, *parents in history:
        before = [bounds[parent] for parent in parents if parent in bounds]
        bound = frozenset.intersection(*before) if before else None
        if commit in written:
            if bound is not None:
                grown += [f"{commit[:12]} adds {name}" for name in sorted(written[commit] - bound)]
            bounds[commit] = written[commit]
        elif bound is not None:
            bounds[commit] = bound
    now = listed_in((checkout / path).read_text("utf-8"))
    last = bounds[history[-1][0]]
    return [*grown, *(f"the working tree adds {name}" for name in sorted(now - last))]


def could_not_run(error: NoHistoryError, checkout: Path) -> None:
    """A skip that says why; a failure where CI has a checkout."""
    if os.environ.get("CI") and (checkout / ".git").exists():
        pytest.fail(f"has to run in CI: {error}")
    pytest.skip(f"did not run: {error}")


def test_the_shipped_list_only_shrinks() -> None:
    try:
        grown = growth(CHECKOUT, f"harness/sockspec/claims/{TO_BUILD}")
    except NoHistoryError as error:
        could_not_run(error, CHECKOUT)
    else:
        assert grown == [], "a claim, once built, stays built"


class Repository:
    """A repository of one list, to try the test itself on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
        plain = ("-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null")
        return git(self.folder, *identity, *plain, *words)

    def write(self, *names: str) -> None:
        (self.folder / TO_BUILD).write_text("# ids\n" + "".join(f"{name}\n" for name in names))

    def commit(self, *names: str) -> None:
        self.write(*names)
        self.git("add", TO_BUILD)
        self.git("commit", "--quiet", "--allow-empty", "--message=list")

    def grown(self) -> list[str]:
        """What was added, without the commit."""
        return [line.partition(" adds ")[2] for line in growth(self.folder, TO_BUILD)]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.mark.needs("git")
class TestGrowth:
    def test_a_list_that_shrinks_is_good(self, repository: Repository) -> None:
        repository.git("commit", "--quiet", "--allow-empty", "--message=before the list")
        for names in (["a.a", "b.b", "c.c"], ["c.c", "b.b"], ["b.b"], []):
            repository.commit(*names)
        assert repository.grown() == []

    def test_an_id_that_comes_back_is_seen_later_too(self, repository: Repository) -> None:
        for names in (["a.a", "b.b"], ["b.b"], ["a.a", "b.b"], []):
            repository.commit(*names)
        assert repository.grown() == ["a.a"]

    def test_an_id_in_place_of_another_is_seen(self, repository: Repository) -> None:
        repository.commit("a.a")
        repository.commit("b.b")
        assert repository.grown() == ["b.b"]

    def test_a_change_not_yet_committed_is_seen(self, repository: Repository) -> None:
        repository.commit("a.a")
        repository.write("a.a", "b.b")
        assert growth(repository.folder, TO_BUILD) == ["the working tree adds b.b"]

    def test_a_list_made_anew_is_seen(self, repository: Repository) -> None:
        repository.commit("a.a")
        repository.git("rm", "--quiet", TO_BUILD)
        repository.git("commit", "--quiet", "--message=gone")
        repository.commit("a.a", "b.b")
        assert repository.grown() == ["b.b"]

    def branches(self, repository: Repository) -> None:
        repository.commit("a.a", "b.b", "c.c")
        repository.git("checkout", "--quiet", "-b", "other")
        repository.commit("b.b", "c.c")
        repository.git("checkout", "--quiet", "main")
        repository.commit("a.a", "b.b")
        repository.git("merge", "--quiet", "--no-commit", "--strategy=ours", "other")

    def test_branches_may_shrink_it_side_by_side(self, repository: Repository) -> None:
        self.branches(repository)
        repository.commit("b.b")
        assert repository.grown() == []

    def test_a_merge_may_not_undo_what_a_branch_took_out(self, repository: Repository) -> None:
        self.branches(repository)
        repository.commit("a.a", "b.b")
        assert repository.grown() == ["a.a"]

    def test_a_hook_s_environment_does_not_mislead(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", "/nonexistent")
        repository.commit("a.a")
        assert repository.grown() == []

    def test_no_commit_is_no_history(self, repository: Repository) -> None:
        repository.write("a.a")
        with pytest.raises(NoHistoryError, match="git rev-list"):
            repository.grown()

    def test_commits_without_the_list_are_no_history(self, repository: Repository) -> None:
        repository.git("commit", "--quiet", "--allow-empty", "--message=before the list")
        with pytest.raises(NoHistoryError, match=f"no commit has {TO_BUILD} yet"):
            repository.grown()

    def test_a_shallow_clone_is_no_history(self, repository: Repository, tmp_path: Path) -> None:
        repository.commit("a.a")
        repository.commit()
        clone = tmp_path / "clone"
        repository.git("clone", "--quiet", "--depth=1", tmp_path.as_uri(), str(clone))
        with pytest.raises(NoHistoryError, match="the clone is shallow"):
            growth(clone, TO_BUILD)


def test_no_checkout_is_no_history(tmp_path: Path) -> None:
    with pytest.raises(NoHistoryError, match="this is no git checkout"):
        growth(tmp_path, TO_BUILD)


def test_no_git_is_no_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoHistoryError, match="git cannot be started: No such file"):
        growth(tmp_path, TO_BUILD)


@pytest.mark.parametrize(
    ("ci", "checkout", "outcome"),
    [
        ("", True, pytest.skip.Exception),
        ("", False, pytest.skip.Exception),
        ("true", False, pytest.skip.Exception),
        ("true", True, pytest.fail.Exception),
    ],
)
def test_only_ci_with_a_checkout_insists_on_the_history(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ci: str,
    checkout: bool,
    outcome: type[BaseException],
) -> None:
    monkeypatch.setenv("CI", ci)
    if checkout:
        (tmp_path / ".git").mkdir()
    with pytest.raises(outcome, match="no history"):
        could_not_run(NoHistoryError("no history"), tmp_path)
