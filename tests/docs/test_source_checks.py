"""The checks of the source bite: each is shown a tree with one offence and one without."""

import subprocess

import pytest

from broker_process import ROOT


def run(check, tree):
    result = subprocess.run([str(ROOT / "tools" / check), str(tree)], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout


@pytest.fixture
def tree(tmp_path):
    for path in ("base/clock.h", "protocol/reply.h", "broker/registry.h", "server/session.h", "tests/support/catch.h"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("#pragma once\n")
    return tmp_path


@pytest.mark.parametrize(
    "path, include",
    [
        ("base/clock.h", '"protocol/reply.h"'),
        ("protocol/reply.h", '"broker/registry.h"'),
        ("broker/registry.h", '"server/session.h"'),
        ("broker/registry.h", '"protocol/reply.h"'),
        ("tools/bench/main.cc", '"server/session.h"'),
        ("tools/log/main.cc", '"server/session.h"'),
        ("server/session.h", '"tests/support/catch.h"'),
        ("server/session.h", '"session.h"'),
        ("server/session.h", '"server/absent.h"'),
        ("broker/registry.h", "<boost/asio/io_context.hpp>"),
        ("broker/registry.h", "<sys/socket.h>"),
        ("tools/bench/main.cc", "<spdlog/spdlog.h>"),
        ("server/session.h", "<hiredis/hiredis.h>"),
        ("server/session.h", "<CLI/CLI.hpp>"),
    ],
)
def test_an_include_against_the_rule_is_found(tree, path, include):
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(f"#pragma once\n#include {include}\n")
    code, output = run("check_includes.py", tree)
    assert code == 1
    assert f"{path}:2: " in output


def test_includes_along_the_rule_pass(tree):
    (tree / "server/session.h").write_text(
        '#pragma once\n#include <boost/asio.hpp>\n#include <spdlog/spdlog.h>\n#include "broker/registry.h"\n#include "protocol/reply.h"\n'
    )
    assert run("check_includes.py", tree) == (0, "check_includes.py: 5 files, 0 wrong includes\n")


@pytest.mark.parametrize(
    "name, text, complaint",
    [
        ("server/string_utils.h", "#pragma once\n", "does not say which concept"),
        ("server/Session.cc", "int x;\n", "lower_case"),
        ("server/long.cc", "int x;\n" * 401, "401 lines"),
        ("server/plain.h", "int x;\n", "#pragma once"),
        ("server/later.cc", "// TO" + "DO: later\n", "do it or open an issue"),
    ],
)
def test_a_file_out_of_shape_is_found(tree, name, text, complaint):
    (tree / name).write_text(text)
    code, output = run("check_shape.py", tree)
    assert code == 1
    assert complaint in output


def test_files_in_shape_pass(tree):
    assert run("check_shape.py", tree)[0] == 0
