"""Clients act on the first word of an error: the broker has no word that they do not know, and uses none that makes them
send the command again, or elsewhere, for anything else."""

import re

import pytest

from broker_process import ROOT

KNOWN = {"ERR", "NOAUTH", "WRONGPASS", "NOPERM", "NOPROTO", "EXECABORT", "UNBLOCKED", "DENIED", "LOADING", "MISCONF"}
KNOWN |= {"BUSYGROUP", "NOGROUP"}
# What go-redis, ioredis and others take for a server that is not ready, or not the right one.
ELSEWHERE = ("ASK", "BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "MOVED", "NOREPLICAS", "READONLY", "TRYAGAIN")
# The one sentence that means what its word says.
MEANT = {"LOADING Redis is loading the dataset in memory"}

LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
SENTENCE = re.compile(r'(?:std::string_view k\w+ =\s+|return concat\()"([^"]*)')
SOURCES = sorted(path for room in ("broker", "protocol", "server") for path in (ROOT / room).rglob("*.*") if path.suffix in (".h", ".cc"))


def misleading(source):
    """Texts of C++ source that begin with a word that sends clients elsewhere."""
    texts = LITERAL.findall(source.replace("'\"'", ""))
    return [text for text in texts if text.lstrip("-").startswith(tuple(f"{word} " for word in ELSEWHERE)) and text not in MEANT]


def sentences():
    header, source = ((ROOT / "protocol" / name).read_text() for name in ("error_replies.h", "error_replies.cc"))
    return SENTENCE.findall(header) + SENTENCE.findall(source)


def test_every_sentence_begins_with_a_word_that_clients_know():
    assert len(sentences()) > 50
    assert [text for text in sentences() if text.split(" ")[0] not in KNOWN] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_begins_with_a_word_that_sends_clients_elsewhere(path):
    assert misleading(path.read_text()) == []


def test_a_misleading_word_is_noticed():
    source = 'constexpr auto kA = "READONLY You cannot"; out += \'"\'; out += "-TRYAGAIN later"; f("ERR no READONLY "); g("readonly");'
    assert misleading(source) == ["READONLY You cannot", "-TRYAGAIN later"]
    assert misleading('constexpr auto kB = "LOADING Redis is loading the dataset in memory";') == []
    assert misleading('constexpr auto kB = "LOADING the settings";') == ["LOADING the settings"]
