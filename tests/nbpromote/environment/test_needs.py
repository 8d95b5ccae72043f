"""What a notebook needs to have installed."""

import pytest

from nbpromote.analysis import analyse
from nbpromote.environment.needs import Need, find_needs, parse_requirement
from nbpromote.notebook.model import Cell, CellKind, Format, Notebook

INSTALLED = {"pandas": ["pandas"], "google": ["google-auth", "google-cloud-storage"], "yaml": ["PyYAML"]}


def needs_of(*sources: str) -> dict[str, Need]:
    cells = tuple(Cell(f"c{n}", n, CellKind.CODE, source) for n, source in enumerate(sources, start=1))
    facts = analyse(Notebook("work.ipynb", Format.IPYNB, "python", cells))
    return {need.distribution: need for need in find_needs(facts, INSTALLED, own={"helpers"})}


@pytest.mark.parametrize(
    ("code", "distribution"),
    [
        ("import pandas as pd", "pandas"),
        ("from sklearn.linear_model import LinearRegression", "scikit-learn"),
        ("import cv2", "opencv-python"),
        ("from PIL import Image", "pillow"),
        ("import yaml", "pyyaml"),
        ("from bs4 import BeautifulSoup", "beautifulsoup4"),
        ("from dateutil import parser", "python-dateutil"),
        ("from google.cloud import bigquery", "google-cloud-bigquery"),
        ("import google.cloud.storage", "google-cloud-storage"),
        ("from google.oauth2 import service_account", "google-auth"),
        ("from mpl_toolkits.mplot3d import Axes3D", "matplotlib"),
        ("from databricks.sdk import WorkspaceClient", "databricks-sdk"),
        ("import some_thing.part", "some-thing"),
    ],
)
def test_an_import_is_led_to_its_distribution(code: str, distribution: str) -> None:
    assert list(needs_of(code)) == [distribution]


@pytest.mark.parametrize(
    "code", ["import os, json", "from . import x", "import helpers", "from google.colab import drive"]
)
def test_what_comes_with_python_the_platform_or_the_notebook_is_no_need(code: str) -> None:
    assert needs_of(code) == {}


def test_where_and_how_it_is_imported_is_told() -> None:
    found = needs_of(
        "import pandas\ndef f():\n    import shap",
        "try:\n    import cv2\nexcept ImportError:\n    cv2 = None",
        "try:\n    import umap\nexcept ImportError:\n    raise SystemExit",
    )
    assert {name for name, need in found.items() if need.is_lazy} == {"shap"}
    assert {name for name, need in found.items() if need.is_optional} == {"opencv-python"}
    assert {name for name, need in found.items() if not need.is_known} == {"shap"}
    assert found["umap-learn"].cells == (3,)


def test_what_pip_and_conda_are_asked_for_is_a_need_with_its_versions() -> None:
    found = needs_of(
        "%pip install -q 'pandas>=2,<3' scikit-learn==1.5",
        "!conda install -y -c conda-forge conda-forge::rasterio=1.3 numpy",
        "%pip install git+https://host.org/team/tool.git@v1",
    )
    assert {name: need.asked for name, need in found.items()} == {
        "pandas": ("pandas>=2,<3",),
        "scikit-learn": ("scikit-learn==1.5",),
        "rasterio": ("conda-forge::rasterio=1.3",),
        "numpy": ("numpy",),
        "tool": ("git+https://host.org/team/tool.git@v1",),
    }


@pytest.mark.parametrize(
    ("text", "distribution", "spec"),
    [
        ("Pandas[excel] >= 2", "pandas", ">=2"),
        ("numpy=1.26", "numpy", "=1.26"),
        ("x @ https://host.org/x.whl", "x", ""),
        ("ruamel.yaml", "ruamel-yaml", ""),
    ],
)
def test_a_requirement_is_parsed(text: str, distribution: str, spec: str) -> None:
    parsed = parse_requirement(text)
    assert parsed is not None
    assert (parsed.distribution, parsed.spec) == (distribution, spec)


def test_the_address_of_a_file_names_no_distribution() -> None:
    assert parse_requirement("https://host.org/x.whl") is None
