"""Which distribution an imported module comes from."""

import sys
from collections.abc import Mapping, Sequence

from nbpromote.environment.packages import normal_name

# Import name -> distribution where they differ, or where the import's root is one of many; the longest that fits wins.
DISTRIBUTIONS = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "IPython": "ipython",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "PyPDF2": "pypdf2",
    "attr": "attrs",
    "azure.ai.ml": "azure-ai-ml",
    "azure.cosmos": "azure-cosmos",
    "azure.eventhub": "azure-eventhub",
    "azure.identity": "azure-identity",
    "azure.keyvault.secrets": "azure-keyvault-secrets",
    "azure.storage.blob": "azure-storage-blob",
    "azure.storage.filedatalake": "azure-storage-file-datalake",
    "azureml.core": "azureml-core",
    "bs4": "beautifulsoup4",
    "category_encoders": "category-encoders",
    "community": "python-louvain",
    "cv2": "opencv-python",
    "databricks.connect": "databricks-connect",
    "databricks.feature_engineering": "databricks-feature-engineering",
    "databricks.feature_store": "databricks-feature-store",
    "databricks.koalas": "koalas",
    "databricks.sdk": "databricks-sdk",
    "databricks.sql": "databricks-sql-connector",
    "databricks.vector_search": "databricks-vectorsearch",
    "dateutil": "python-dateutil",
    "delta": "delta-spark",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google.api_core": "google-api-core",
    "google.auth": "google-auth",
    "google.cloud.aiplatform": "google-cloud-aiplatform",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.bigquery_storage": "google-cloud-bigquery-storage",
    "google.cloud.firestore": "google-cloud-firestore",
    "google.cloud.pubsub": "google-cloud-pubsub",
    "google.cloud.secretmanager": "google-cloud-secret-manager",
    "google.cloud.storage": "google-cloud-storage",
    "google.generativeai": "google-generativeai",
    "google.oauth2": "google-auth",
    "google.protobuf": "protobuf",
    "googleapiclient": "google-api-python-client",
    "imblearn": "imbalanced-learn",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "kafka": "kafka-python",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "mosaic": "databricks-mosaic",
    "mpl_toolkits": "matplotlib",
    "mysql.connector": "mysql-connector-python",
    "nacl": "pynacl",
    "osgeo": "gdal",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pylab": "matplotlib",
    "pyspark.pandas": "pyspark",
    "pytorch_lightning": "pytorch-lightning",
    "rest_framework": "djangorestframework",
    "ruamel.yaml": "ruamel-yaml",
    "scikits.bootstrap": "scikits-bootstrap",
    "sentence_transformers": "sentence-transformers",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "sklearn_crfsuite": "sklearn-crfsuite",
    "skopt": "scikit-optimize",
    "slugify": "python-slugify",
    "snowflake.connector": "snowflake-connector-python",
    "snowflake.snowpark": "snowflake-snowpark-python",
    "socks": "pysocks",
    "tensorflow_addons": "tensorflow-addons",
    "tensorflow_datasets": "tensorflow-datasets",
    "tensorflow_hub": "tensorflow-hub",
    "tensorflow_probability": "tensorflow-probability",
    "umap": "umap-learn",
    "websocket": "websocket-client",
    "win32com": "pywin32",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
# Modules that come with a platform, or are made at run time.
_OF_PLATFORMS = frozenset(
    {"__main__", "dbruntime", "google.colab", "kaggle_secrets", "pyspark.dbutils", "IPython.core"}
)


def distribution_of(module: str, installed: Mapping[str, Sequence[str]]) -> tuple[str, bool] | None:
    """The distribution that a module comes from, and whether that is known; None when none is needed.

    Args:
        module: Dotted name of what is imported.
        installed: Import name -> distributions, as `importlib.metadata.packages_distributions` gives it.

    A module that nothing knows is taken for a distribution of the same name.
    """
    root = module.partition(".")[0]
    if root in sys.stdlib_module_names or not root or _longest(module, _OF_PLATFORMS) is not None:
        return None
    known = _longest(module, DISTRIBUTIONS)
    if known is not None:
        return DISTRIBUTIONS[known], True
    names = sorted({normal_name(name) for name in installed.get(root, ())})
    if len(names) == 1:
        return names[0], True
    # Several distributions share a namespace, such as google: the one that is named most like the module.
    prefix = normal_name(module.replace(".", "-"))
    fitting = [name for name in names if prefix == name or prefix.startswith(f"{name}-")]
    if fitting:
        return max(fitting, key=len), True
    return normal_name(root), normal_name(root) in names


def _longest(module: str, names: Mapping[str, str] | frozenset[str]) -> str | None:
    while module:
        if module in names:
            return module
        module = module.rpartition(".")[0]
    return None
