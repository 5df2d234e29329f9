"""docker/respublica.conf, the reference of the settings, has each setting of the program with a comment, and no other."""

import re

import pytest

from broker_process import ROOT, Broker

CONF = ROOT / "docker/respublica.conf"
# A setting, or a commented-out one: its name starts right behind the mark, while a comment's words follow "# ".
SETTING = re.compile(r"^#?([a-z][a-z0-9-]*)(?:\s|$)")


def settings_of(lines):
    """name -> True when a comment stands above its block of lines."""
    found, comment = {}, False
    for line in lines:
        match = SETTING.match(line)
        if match:
            found[match.group(1)] = found.get(match.group(1), False) or comment
        elif line.startswith("#"):
            comment = True
        elif not line.strip():
            comment = False
    return found


@pytest.fixture(scope="module")
def reference():
    return settings_of(CONF.read_text().splitlines())


@pytest.fixture(scope="module")
def known(broker):
    return set(broker.call("CONFIG", "GET", "*")[::2])


def test_every_setting_is_in_the_reference_and_every_line_there_is_a_setting(reference, known):
    assert known - set(reference) == set(), "settings without a line in docker/respublica.conf"
    assert set(reference) - known == set(), "lines of docker/respublica.conf that are no setting"


def test_every_setting_in_the_reference_has_a_comment(reference):
    assert [name for name, has_comment in reference.items() if not has_comment] == []


def test_the_broker_starts_with_the_reference_as_its_configuration():
    with Broker(str(CONF)) as running:
        assert running.call("PING") == "PONG"


def test_every_setting_that_a_document_passes_on_a_command_line_exists(known):
    other_options = {"help", "version", "ping", "check-config", "unit", "compat", "clients", "compare", "no-install-recommends"}
    documents = ("README.md", "docs/operations.md", "docs/event-sourcing.md", "examples/README.md", "docker/Dockerfile", "docker/compose.yaml")
    for document in (*documents, "docker/respublica.service"):
        text = re.sub(r"systemctl.*", "", (ROOT / document).read_text())
        calls = re.findall(r"respublica(?!-).*|tools/serve\.sh.*", text)
        named = {name for call in calls for name in re.findall(r'[ "]--([a-z][a-z-]+)', call)}
        assert named - known - other_options == set(), document
