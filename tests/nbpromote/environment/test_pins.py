import pytest

from nbpromote.environment.pins import PLATFORMS, UnreadableLock, parse_pins, tidy, versions_on

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
LOCK = f"""\
# a comment
Ruamel.YAML==0.19.1 \\
    --hash={A} \\
    --hash={B}
appnope==1.0.0 ; sys_platform == 'darwin' \\
    --hash={A}
"""


def test_a_lock_is_read_with_its_hashes_markers_and_lines() -> None:
    yaml, appnope = parse_pins(LOCK)
    assert (yaml.name, yaml.version, yaml.hashes, yaml.line) == ("ruamel-yaml", "0.19.1", (A, B), 2)
    assert (appnope.marker, appnope.line) == ("sys_platform == 'darwin'", 5)


def test_a_marker_decides_where_a_package_is_installed() -> None:
    pins = parse_pins(LOCK)
    assert versions_on(pins, PLATFORMS["linux-64"]) == {"ruamel-yaml": "0.19.1"}
    assert "appnope" in versions_on(pins, PLATFORMS["osx-arm64"])


@pytest.mark.parametrize("line", ["pandas>=2", "-r other.txt", "pandas @ file:///somewhere", "pandas==2 ; nonsense"])
def test_a_line_that_is_no_pin_is_named(line: str) -> None:
    with pytest.raises(UnreadableLock, match=r"requirements.lock:7: "):
        parse_pins(LOCK + line + "\n")


def test_tidying_keeps_packages_and_hashes_and_drops_addresses_comments_and_needless_conditions() -> None:
    always = "python_full_version < '3.12' and implementation_name == 'cpython'"
    everywhere = f"{always} and (sys_platform == 'darwin' or sys_platform == 'linux' or sys_platform == 'win32')"
    written = f"""\
# made by a tool
--index-url https://index.example/simple
a==1 ; {everywhere} \\
    --hash={A}
    # via b
b==2 ; python_full_version >= '3.11.5' and {everywhere} \\
    --hash={B}
"""
    assert tidy(written) == f"a==1 \\\n    --hash={A}\nb==2 ; python_full_version >= '3.11.5' \\\n    --hash={B}\n"
    assert tidy(tidy(written)) == tidy(written)
