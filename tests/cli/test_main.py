"""The command line as a process: exit codes, one JSON document, help that matches."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def ops(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "mcp_server.cli", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        timeout=60,
        check=False,
        cwd=cwd,
        env=environment,
    )


@pytest.mark.parametrize("arguments", [["fleet", "audit"], ["config", "plan"], ["token", "refresh"]])
def test_outside_any_fleet_the_error_is_one_document_and_exit_code_1(arguments: list[str], tmp_path: Path) -> None:
    done = ops("--json", *arguments, cwd=tmp_path)
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 1
    assert error["kind"] == "not_found"
    assert error["next"] in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fleet"],
        ["fleet", "sing"],
        ["index", "check"],
        ["index", "check", "x", "--limit", "many"],
        ["index", "check", "x", "--limit", "0"],
        ["config", "sync"],
        ["incident", "open", "--title", "x", "--severity", "sev9", "--summary", "y"],
        ["fleet", "audit", "--colour", "red"],
        ["incident", "open", "--title", "x", "--severity", "sev1", "--summary", "y", "--log", "/no/such/file"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_a_usage_error_with_exit_code_2(arguments: list[str], tmp_path: Path) -> None:
    done = ops(*arguments, "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "invalid"
    assert any(step in done.stderr for step in ("usage: ops", "--help", "takes", "Give"))


@pytest.mark.parametrize(
    ("words", "step"),
    [("flet audit", "ops fleet --help"), ("fleet adit", "ops fleet audit --help"), ("zz", "ops --help")],
)
def test_a_mistyped_word_suggests_the_one_that_was_meant(words: str, step: str, tmp_path: Path) -> None:
    done = ops(*words.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith(f"Next: {step}\n")


@pytest.mark.parametrize("place", ["before", "after"])
def test_json_may_stand_before_the_noun_or_after_the_verb(place: str, tmp_path: Path) -> None:
    words = ["index", "check", "login expired please run /login"]
    done = ops(*(["--json", *words] if place == "before" else [*words, "--json"]), cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["match"] is True
    assert not done.stderr


def test_nothing_documented_is_exit_code_1_and_says_so(tmp_path: Path) -> None:
    done = ops("index", "check", "the espresso machine leaks descaling fluid", cwd=tmp_path)
    assert done.returncode == 1
    assert "nothing documented" in done.stdout.lower()


def test_queries_from_a_file_give_one_document_a_line(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "disk.md").write_text("# Disk full\n\nRemove old clones.\n")
    odd = ["", " \t\r", "x" * 20_000, "Aa_b.C-" * 3_000, "日本語 🚀 \0 \x1b[31m", "no\u2028line\x85ends\x0bhere"]
    lines = ["disk full", *odd, "latin \xe9", "disk full\r", "unrelated espresso problem"]
    (tmp_path / "queries").write_bytes("\n".join(lines).encode().replace("\xe9".encode(), b"\xe9") + b"\n")
    done = ops("index", "check", "--docs", "docs", "--queries", "queries", "--json", cwd=tmp_path)
    answers = [json.loads(line) for line in done.stdout.removesuffix("\n").split("\n")]
    assert [answer["match"] for answer in answers] == [line.startswith("disk full") for line in lines]
    assert answers[0]["results"][0]["path"] == "disk.md"


def test_every_noun_and_verb_has_help(tmp_path: Path) -> None:
    for words in (["--help"], ["fleet", "--help"], ["config", "sync", "--help"]):
        done = ops(*words, cwd=tmp_path)
        assert done.returncode == 0
        assert "usage: ops" in done.stdout


def test_a_crash_is_exit_code_3_with_a_private_log_without_secrets(tmp_path: Path) -> None:
    canary = "sk-ant-" + "oat01-" + "c" * 40
    program = (
        "import sys, mcp_server.cli.main as cli\n"
        f"def broken(*_): raise RuntimeError('token {canary}')\n"
        "cli.grammar = broken\n"
        "sys.exit(cli.main(['--json', 'fleet', 'audit']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 3
    log = Path(json.loads(done.stdout)["error"]["next"].split(" ")[-1])
    assert log.stat().st_mode & 0o777 == 0o600
    assert "RuntimeError" in log.read_text()
    assert canary not in log.read_text() + done.stdout + done.stderr
