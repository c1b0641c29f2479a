# SPDX-License-Identifier: Apache-2.0
"""The claims files, what is wrong with a bad one, and SELECT words."""

from __future__ import annotations

import fnmatch
import hashlib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec import catalogue as module
from sockspec.catalogue import load_catalogue
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
