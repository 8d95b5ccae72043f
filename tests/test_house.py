"""The files around the code say what they should, and their own tools accept them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from nbpromote.publish.ci import FILES, workflow

ROOT = Path(__file__).parents[1]
BIN = Path(sys.prefix) / "bin"


@pytest.mark.parametrize(
    "command",
    [
        ["hadolint", "--failure-threshold", "info", "Dockerfile"],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/ci.yml"],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", "src/nbpromote/publish/ci/github.yml"],
        [
            "check-jsonschema",
            "--builtin-schema",
            "vendor.gitlab-ci",
            ".gitlab-ci.yml",
            "src/nbpromote/publish/ci/gitlab.yml",
        ],
        ["pre-commit", "validate-config", ".pre-commit-config.yaml"],
        ["pre-commit", "validate-manifest", ".pre-commit-hooks.yaml"],
    ],
    ids=lambda command: f"{command[0]} {command[-1]}",
)
def test_the_tool_of_each_file_accepts_it(command: list[str]) -> None:
    if not (BIN / command[0]).exists():
        pytest.skip(f"{command[0]} is not installed beside this interpreter")
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ci_runs_the_same_commands_as_a_developer() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    steps = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]
    checks = [
        f".venv/bin/nbpromote {words}"
        for words in ("check --format github -q notebooks/production", "env check", "gate")
    ]
    assert [step.partition(" #")[0] for step in steps] == ["make lint", *checks, ".ci/run", "make demo"]
    gitlab = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())
    told = [*gitlab["check"]["script"], *gitlab["tests"]["script"]]
    assert [step.replace(" --format github -q", "") for step in steps][:4] == told[:4]
    assert told[4:] == [".ci/run", "make demo"]


@pytest.mark.parametrize("service", FILES)
def test_a_workflow_for_users_tests_notebooks_and_keeps_what_ran(service: str) -> None:
    text = workflow(service)
    for words in ("ruff check", "nbpromote check", "nbpromote env check", "nbpromote gate", "pytest", "runs/tests/"):
        assert words in text
    lines = re.findall(r"(?:run:|-) (nbpromote [^#\n]+)", text)
    assert len(lines) >= 4
    for line in lines:
        done = subprocess.run(
            [sys.executable, "-m", "nbpromote.cli", *line.split()[1:2], "--help"], capture_output=True, check=False
        )
        assert done.returncode == 0, line
    assert (ROOT / ".ci/run").read_text().rstrip().endswith("exec make test")
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_make_help_tells_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    done = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {line.split()[1] for line in done.stdout.splitlines()} == set(phony[1].split())


def test_an_image_holds_no_more_than_what_the_dockerfile_copies() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert "*" in ignored
    assert let_in == {name.removeprefix("./") for names in copied for name in names.split()}
    assert all((ROOT / name).exists() for name in let_in)


def test_the_image_ends_as_an_ordinary_user_and_runs_notebooks() -> None:
    last = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)$", last, re.MULTILINE) == ["10001"]
    assert 'ENTRYPOINT ["nbpromote", "run"]' in last


def test_no_file_holds_both_sides_of_a_conflict() -> None:
    found = subprocess.run(
        ["git", "grep", "-lE", "^(<<<<<<< |>>>>>>> )"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.stdout == ""
