"""What a literal looks like: a path, a date, a seed, a credential."""

import re

from nbpromote.analysis.facts import LiteralKind

_EXTENSION = re.compile(
    r"\.(csv|tsv|txt|parquet|pq|json|jsonl|ndjson|xlsx?|xlsm|pkl|pickle|feather|arrow|orc|avro|h5|hdf5?|npy|npz|mat|gz|zip|bz2"
    r"|xz|zst|tar|db|sqlite3?|dat|data|log|xml|html?|ya?ml|toml|ini|cfg|png|jpe?g|gif|svg|pdf|joblib|model|pt|pth|onnx|keras|safetensors|tflite|sav|dta"
    r"|shp|geojson|fits|nc|wav|mp3|mp4|delta|sql|conf)$",
    re.I,
)
_DATA_FILE = re.compile(
    r"\.(csv|tsv|txt|dat|data|parquet|pq|json|jsonl|ndjson|xlsx?|xlsm|feather|arrow|orc|avro|h5|hdf5?|npy|npz|mat|db|sqlite3?|dta|sav"
    r"|shp|geojson|nc)(\.(gz|zip|bz2|xz|zst))?$",
    re.I,
)
_PATH = re.compile(
    r"(?:[A-Za-z]:[\\/]|~?/|\.{1,2}/|(?:dbfs|s3[an]?|gs|abfss?|wasbs?|hdfs|file|adl|oss):/)[^\s<>|*\"']*", re.I
)
_RELATIVE = re.compile(r"[\w.~-]+(?:[\\/][\w. {}=*-]+)+[\\/]?")
_URL = re.compile(r"(?:https?|ftps?|jdbc:\w+|postgresql|mysql|mongodb(?:\+srv)?|redis|amqp)(?:\+\w+)?://\S+", re.I)
_DATES = (
    re.compile(
        r"(?:19|20)\d{2}-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12]\d|3[01]))?(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
    ),
    re.compile(r"(?:19|20)\d{2}/(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])"),
    re.compile(r"(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|[12]\d|3[01])[./](?:19|20)\d{2}"),
    re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"),
)
_DATE_FORMAT = re.compile(r".*%[YymdHMSjbB].*|(?=.*[yMd]{2})[yMdHhmsSaE./:\-' ,TZ]{6,}")
_CREDENTIAL_NAME = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|secret|api_?key|apikey|access_?key|secret_?key|auth_?token|token|private_?key|credentials?"
    r"|conn(?:ection)?_?str(?:ing)?|sas_?token)(?:_|$)|password$|passwd$|token$|apikey$",
    re.I,
)
_CREDENTIAL_VALUE = re.compile(
    r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{30,}|github_pat_\w{30,}|sk-[A-Za-z0-9_-]{20,}|xox[baprs]-[A-Za-z0-9-]{10,}"
    r"|dapi[0-9a-f]{32}|hf_[A-Za-z0-9]{30,}|AIza[0-9A-Za-z_-]{35}|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|AccountKey=[A-Za-z0-9+/=]{20,}|SharedAccessSignature=\S{20,}|glpat-[\w-]{20,}"
    r"|\b\w+://[^/\s:@{}]+:[^/\s:@{}]{3,}@"
)
# Names of what leads to a secret, or is like one: `secret_scope = "prod"`.
_ABOUT_SECRETS = re.compile(
    r"(?:^|_)(?:scope|name|template|path|file|url|uri|prefix|type|column|header|env|var)(?:_|$)", re.I
)
_PLACEHOLDER = re.compile(
    r"(?i)^$|^[<{*x.\s]+|your|example|changeme|placeholder|dummy|todo|none|secret$|password$|token$"
)
_SEED = re.compile(r"(?:^|_)(?:seed|random_?state|rng)(?:_|$|\d)", re.I)
_THRESHOLD = re.compile(
    r"(?:^|_)(?:threshold|thresh|cut_?off|limit|min|max|minimum|maximum|lower|upper|tolerance|tol|quantile|percentile|bound)(?:_|$)",
    re.I,
)
_HORIZON = re.compile(
    r"(?:^|_)(?:horizon|days?|weeks?|months?|years?|hours?|minutes?|window|lag|lags|lookback|periods?|top|n|num|count|size|rate|ratio|share"
    r"|fraction|frac|sample|discount|budget|price|cost|margin|capacity|start|end|from|to|since|until|level|step|batch)(?:_|$)|horizon|lookback",
    re.I,
)
_MODEL = re.compile(
    r"(?:^|_)(?:alpha|beta|gamma|lambda|eta|lr|learning_?rate|epochs?|n_?estimators|max_?depth|penalizer|penalty|dropout|hidden|layers?"
    r"|units|iterations?|max_?iter|n_?clusters|n_?components|batch_?size|momentum|regularization|reg|kernel|C|folds?|cv|bins|test_?size)(?:_|$)",
    re.I,
)
# A schema as Spark reads it: `id INT, name STRING`.
_COLUMNS_WITH_TYPES = re.compile(
    r"^\s*`?\w+`?\s*:?\s*(?:tiny|small|big)?(?:int|integer|string|double|float|boolean|date|timestamp|decimal|long|binary|array"
    r"|map|struct)\b[^;]*(?:,|$)",
    re.I,
)
_COLOUR = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.I)
_COLOUR_NAME = re.compile(r"(?:^|_)(?:cmap|palette|linestyle|facecolor|edgecolor)s?(?:_|$)", re.I)
_TABLE_NAME = re.compile(r"(?:^|_)(?:table|tbl|view|schema|database|catalog)(?:_|$)", re.I)
_PATH_NAME = re.compile(
    r"(?:^|_)(?:path|file|filename|dir|directory|folder|root|location|uri)(?:_|$)|(?:path|file|dir)$", re.I
)
_DATE_NAME = re.compile(
    r"(?:^|_)(?:date|day|month|cut_?off|as_?of|start|end|since|until|from|to|observed|period)(?:_|$)|date$", re.I
)
_COLUMN_NAME = re.compile(
    r"(?:^|_)(?:col|cols|column|columns|features?|target|label|labels|field|fields|key|keys|index|names?)(?:_|$)", re.I
)


def is_date(text: str) -> bool:
    """Whether the text is a date in a usual form."""
    return any(pattern.fullmatch(text.strip()) for pattern in _DATES)


def is_credential(name: str, value: object) -> bool:
    """Whether a literal of this name and value looks like a secret in the code."""
    if not isinstance(value, str) or len(value) < 3:
        return False
    if _CREDENTIAL_VALUE.search(value):
        return True
    is_named = bool(_CREDENTIAL_NAME.search(name)) and not _ABOUT_SECRETS.search(name) and " " not in value.strip()
    return is_named and len(value) >= 4 and not _PLACEHOLDER.search(value)


def is_secret_name(name: str) -> bool:
    """Whether what goes by this name, such as a variable of the environment, is a secret by it."""
    return bool(_CREDENTIAL_NAME.search(name) or re.search(r"_(?:key|pass|dsn)$", name, re.I))


def veil(text: str) -> str:
    """The text with the secrets in it made unreadable."""
    return _CREDENTIAL_VALUE.sub("***", text)


def kind_of(name: str, value: object) -> LiteralKind:
    """What a literal looks like, from the name that it goes by and its value."""
    if isinstance(value, bool):
        return LiteralKind.BOOLEAN
    if isinstance(value, int | float):
        return _kind_of_number(name, value)
    if isinstance(value, str):
        return _kind_of_text(name, value)
    if isinstance(value, list | tuple):
        if value and all(isinstance(each, str) for each in value):
            return LiteralKind.PATH if all(looks_like_path(each) for each in value) else LiteralKind.COLUMNS
        return LiteralKind.MODEL_CONSTANT
    return LiteralKind.DATE if hasattr(value, "isoformat") else LiteralKind.TEXT


def _kind_of_number(name: str, value: int | float) -> LiteralKind:
    if _SEED.search(name):
        return LiteralKind.SEED
    if _THRESHOLD.search(name):
        return LiteralKind.THRESHOLD
    if _MODEL.search(name):
        return LiteralKind.MODEL_CONSTANT
    if _DATE_NAME.search(name) and isinstance(value, int) and 19000101 <= value <= 20991231:
        return LiteralKind.DATE
    return LiteralKind.NUMBER


def _kind_of_text(name: str, value: str) -> LiteralKind:  # noqa: PLR0911
    if is_credential(name, value):
        return LiteralKind.CREDENTIAL
    if is_date(value):
        return LiteralKind.DATE
    if _COLOUR.fullmatch(value) or (_COLOUR_NAME.search(name) and re.fullmatch(r"[\w:-]{1,30}", value)):
        return LiteralKind.COLOUR
    if _URL.fullmatch(value):
        return LiteralKind.URL
    if looks_like_path(value) or (_PATH_NAME.search(name) and value and "\n" not in value):
        return LiteralKind.PATH
    if _DATE_FORMAT.fullmatch(value):
        return LiteralKind.DATE_FORMAT
    if _COLUMNS_WITH_TYPES.search(value):
        return LiteralKind.COLUMNS
    if _TABLE_NAME.search(name) and not re.search(r"\s", value.strip()):
        return LiteralKind.TABLE
    if _COLUMN_NAME.search(name):
        return LiteralKind.COLUMNS
    return LiteralKind.TEXT


def looks_like_path(value: str) -> bool:
    """Whether the text is a path: it has a file's extension, begins like one, or has several slashes."""
    if "\n" in value or len(value) > 300 or not value.strip():
        return False
    if _EXTENSION.search(value) and " " not in value.strip()[:1]:
        return True
    return bool(_PATH.fullmatch(value) and len(value) > 2) or bool(
        _RELATIVE.fullmatch(value) and value.count("/") >= 2 and not is_date(value)
    )


def is_data_file(value: object) -> bool:
    """Whether the text is the name of a file that holds data, and no log, model, picture or code."""
    return isinstance(value, str) and looks_like_path(value) and bool(_DATA_FILE.search(value))


def sounds_like_setting(name: str) -> bool:
    """Whether the name is one that people give to what changes from run to run."""
    return bool(_HORIZON.search(name) or _THRESHOLD.search(name))


def sounds_like_date(name: str) -> bool:
    """Whether the name is one that people give to dates."""
    return bool(_DATE_NAME.search(name))


def is_seed_name(name: str) -> bool:
    """Whether the name is one that people give to the seeds of random numbers."""
    return bool(_SEED.search(name))
