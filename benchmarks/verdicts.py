"""Do regression tests give notebooks the verdict that they should get?

**This runs the notebooks that it is given.** Each `.ipynb` of a folder is a production notebook and, with the outputs
that lie in it, its own reference. Expected verdicts are lines `NAME.ipynb: pass` or `NAME.ipynb: fail` of a file; other
files that the notebooks read are named by `--beside`, nbval's file of replacements by `--sanitize`.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import yaml


def verdicts(
    notebooks: list[Path], root: Path, beside: list[Path], sanitize: Path | None
) -> dict[str, tuple[str, list[str]]]:
    """Each notebook's verdict, and why, by one run of pytest over a repository made of them."""
    (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
    production = root / "notebooks" / "production"
    production.mkdir(parents=True)
    names = {}
    for path in notebooks:
        name = re.sub(r"\W+", "_", path.stem)
        names[name] = path.name
        shutil.copy(path, production / f"{name}.ipynb")
        case = root / "tests" / "notebooks" / name
        case.mkdir(parents=True)
        shutil.copy(path, case / "default.ipynb")
        settings: dict[str, object] = {"timeout": 30}
        if sanitize is not None:
            shutil.copy(sanitize, case / "sanitize.cfg")
            settings["sanitize"] = ["sanitize.cfg"]
        (case / "default.yml").write_text(yaml.safe_dump(settings))
    for path in beside:
        shutil.copy(path, root)
    command = [sys.executable, "-m", "pytest", "-q", "--junitxml", str(root / "said.xml"), "--rootdir", str(root)]
    subprocess.run([*command, str(root / "tests")], cwd=root, check=False, stdout=subprocess.DEVNULL, env=os.environ)
    found: dict[str, tuple[str, list[str]]] = {names[name]: ("pass", []) for name in names}
    for one in ET.parse(root / "said.xml").iter("testcase"):
        name = next(part for part in (one.get("classname") or "").split(".") if part in names)
        bad = [*one.iter("failure"), *one.iter("error")]
        if bad:
            why = (bad[0].text or "").strip().splitlines()
            found[names[name]] = ("fail", [*found[names[name]][1], f"{one.get('name')}: {why[-1] if why else ''}"])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("expected", type=Path)
    parser.add_argument("--beside", type=Path, action="append", default=[])
    parser.add_argument("--sanitize", type=Path)
    given = parser.parse_args()
    expected = yaml.safe_load(given.expected.read_text())
    notebooks = sorted(path for path in given.folder.glob("*.ipynb") if path.name in expected)
    with tempfile.TemporaryDirectory() as held:
        found = verdicts(notebooks, Path(held).resolve(), given.beside, given.sanitize)
    right = [name for name, (verdict, _) in found.items() if verdict == expected[name]]
    for name, (verdict, why) in found.items():
        print(f"{'right' if name in right else 'WRONG'}  {verdict}  {name}  {'; '.join(why[:3])}")
    print(f"{len(right)} of {len(found)} as expected")
    return 0 if len(right) == len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
