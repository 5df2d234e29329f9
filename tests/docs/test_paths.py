"""Every path and every section that a document names is there."""

import glob
import re

import pytest

from broker_process import ROOT

ROOMS = "base|protocol|storage|broker|server|tools|tests|docs|docker|cmake|examples"
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "docs/*.md", "docker/*", "tests/**/README.md", "examples/**/README.md", ".ci/run", "tools/*.sh", "tools/packages.txt")
    for path in ROOT.glob(pattern)
    if path.is_file() and "node_modules" not in path.parts
)
PATH = re.compile(rf"(?<![\w/.$*-])(?:\./)?((?:{ROOMS})/[\w./*{{}},-]*|\.ci/run|\.clang-(?:format|tidy)|[A-Z]+\.md|CMake[A-Za-z]+\.(?:txt|json))")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def paths_in(text):
    """The repository paths that a text names, without the punctuation behind them."""
    for match in PATH.finditer(text):
        path = match.group(1).rstrip(".,-")
        if not path.endswith(("/...", "/all")) and "CMAKE_" not in path:
            yield path


def expansions(path):
    """a/{b,c}.h names two files."""
    braces = re.search(r"\{([^{}]*)\}", path)
    if not braces:
        return [path]
    return [one for word in braces.group(1).split(",") for one in expansions(path[: braces.start()] + word + path[braces.end() :])]


def exists(path):
    """A path, a pattern, or a concept: broker/glob_pattern stands for its .h and .cc."""
    patterns = (path.rstrip("/"), path + ".h")
    return any(glob.glob(str(ROOT / pattern), recursive=True) for pattern in patterns)


def anchors(text):
    """The fragments that a reader of this Markdown can link to."""
    titles = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_there_are_documents_to_check():
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/operations.md", "docs/protocol.md"} <= set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document):
    missing = [path for named in paths_in((ROOT / document).read_text()) for path in expansions(named) if not exists(path)]
    assert not missing, f"{document} names what is not there: {sorted(set(missing))}"


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name.endswith(".md")])
def test_every_link_of_a_document_leads_somewhere(document):
    broken = []
    for target in LINK.findall((ROOT / document).read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (ROOT / document).parent / path if path else ROOT / document
        if not file.exists() or (fragment and fragment not in anchors(file.read_text())):
            broken.append(target)
    assert not broken, f"{document} has links that lead nowhere: {broken}"


def test_a_path_that_is_not_there_is_noticed():
    assert list(paths_in("see `docs/absent.md`, tools/{serve,absent}.sh.")) == ["docs/absent.md", "tools/{serve,absent}.sh"]
    assert not exists("docs/absent.md")
    assert [exists(path) for path in expansions("tools/{serve,absent}.sh")] == [True, False]
    assert exists("tools/*.sh")
