"""What libraries no longer have, with what to write instead."""
# ruff: noqa: E501 - a row is a line

import re

_CONCAT = "pd.concat([one, other])"
_PANDAS_2 = "{} is gone since pandas 2.0"

# What is called, as the facts resolve it -> message, hint.
CALLS = {
    "pandas.DataFrame.append": (_PANDAS_2.format("DataFrame.append"), _CONCAT),
    "pandas.Series.append": (_PANDAS_2.format("Series.append"), _CONCAT),
    "pandas.DataFrame.iteritems": (_PANDAS_2.format("iteritems"), "items()"),
    "pandas.Series.iteritems": (_PANDAS_2.format("iteritems"), "items()"),
    "pandas.DataFrame.mad": (_PANDAS_2.format("mad"), "(df - df.mean()).abs().mean()"),
    "pandas.DataFrame.lookup": (_PANDAS_2.format("lookup"), "index with factorize and to_numpy"),
    "pandas.DataFrame.as_matrix": ("as_matrix is gone since pandas 1.0", "to_numpy()"),
    "pandas.Series.as_matrix": ("as_matrix is gone since pandas 1.0", "to_numpy()"),
    "pandas.DataFrame.get_value": ("get_value is gone since pandas 1.0", "at[row, column]"),
    "pandas.DataFrame.applymap": ("applymap is deprecated since pandas 2.1", "map(...)"),
    "pyspark.DataFrame.registerTempTable": ("registerTempTable is deprecated since Spark 2.0", "createOrReplaceTempView(...)"),
    "pyspark.sql.functions.approxCountDistinct": ("approxCountDistinct is deprecated", "approx_count_distinct(...)"),
    "pyspark.sql.functions.toDegrees": ("toDegrees is deprecated", "degrees(...)"),
    "pyspark.sql.functions.toRadians": ("toRadians is deprecated", "radians(...)"),
}  # fmt: skip

# (method or function, keyword) -> message, hint.
KEYWORDS = {
    ("read_csv", "error_bad_lines"): ("error_bad_lines is gone since pandas 2.0", "on_bad_lines='skip'"),
    ("read_csv", "warn_bad_lines"): ("warn_bad_lines is gone since pandas 2.0", "on_bad_lines='warn'"),
    ("read_csv", "squeeze"): ("squeeze is gone since pandas 2.0", ".squeeze('columns') behind the call"),
    ("read_csv", "delim_whitespace"): ("delim_whitespace is deprecated since pandas 2.2", r"sep='\s+'"),
    ("read_csv", "infer_datetime_format"): ("infer_datetime_format does nothing since pandas 2.0", "leave it out"),
    ("to_datetime", "infer_datetime_format"): ("infer_datetime_format does nothing since pandas 2.0", "leave it out"),
    ("fillna", "method"): ("fillna(method=...) is gone since pandas 3.0", "ffill() or bfill()"),
    ("to_csv", "line_terminator"): ("line_terminator is gone since pandas 2.0", "lineterminator"),
}

# Attributes of numpy -> what does the same; empty where nothing simply does.
NUMPY = {
    "float": "float", "int": "int", "object": "object", "str": "str", "complex": "complex",
    "unicode": "str", "NaN": "{np}.nan", "NAN": "{np}.nan", "Inf": "{np}.inf", "Infinity": "{np}.inf",
    "infty": "{np}.inf", "PINF": "{np}.inf", "NINF": "(-{np}.inf)", "float_": "{np}.float64",
    "complex_": "{np}.complex128", "unicode_": "{np}.str_", "string_": "{np}.bytes_", "product": "{np}.prod",
    "cumproduct": "{np}.cumprod", "sometrue": "{np}.any", "alltrue": "{np}.all", "round_": "{np}.round",
    "row_stack": "{np}.vstack", "cast": "", "find_common_type": "", "asfarray": "", "msort": "", "mat": "",
}  # fmt: skip
# numpy.bool and numpy.long are back in NumPy 2, with another meaning.

# What is called -> the method that does the same, by another name.
RENAMED = {
    "pandas.DataFrame.iteritems": "items",
    "pandas.Series.iteritems": "items",
    "pyspark.DataFrame.registerTempTable": "createOrReplaceTempView",
    "pyspark.sql.functions.approxCountDistinct": "approx_count_distinct",
    "pyspark.sql.functions.toDegrees": "degrees",
    "pyspark.sql.functions.toRadians": "radians",
}

# (method or function, keyword as it is written) -> what does the same; empty where leaving it out does.
SAME_KEYWORDS = {
    ("read_csv", "error_bad_lines=False"): 'on_bad_lines="warn"',
    ("read_csv", "warn_bad_lines=True"): 'on_bad_lines="warn"',
    ("read_csv", "delim_whitespace=True"): r'sep=r"\s+"',
    ("read_csv", "infer_datetime_format=True"): "",
    ("to_datetime", "infer_datetime_format=True"): "",
}
FILLS = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}

# A module whose names moved as they are -> the module, the names.
MOVED = {
    "sklearn.cross_validation": ("sklearn.model_selection", "train_test_split cross_val_score cross_val_predict"),
    "sklearn.grid_search": ("sklearn.model_selection", "GridSearchCV RandomizedSearchCV ParameterGrid"),
    "sklearn.learning_curve": ("sklearn.model_selection", "learning_curve validation_curve"),
    "pandas.util.testing": ("pandas.testing", "assert_frame_equal assert_series_equal assert_index_equal"),
    "pandas.io.json": ("pandas", "json_normalize"),
    "keras.utils.np_utils": ("keras.utils", "to_categorical normalize"),
    "collections": (
        "collections.abc",
        "Mapping MutableMapping Sequence MutableSequence Iterable Iterator Callable Set MutableSet Hashable Sized Container",
    ),
    "sklearn.externals": ("", "joblib"),
}

# Imported names (regular expressions) -> message, hint.
MODULES = {
    r"pandas\.(Panel|np|datetime)": ("{name} is gone from pandas", "import what it stood for"),
    r"pandas\.util\.testing.*": ("{name} is gone since pandas 2.0", "pandas.testing"),
    r"pandas\.io\.json\.json_normalize": ("{name} is deprecated", "pandas.json_normalize"),
    r"sklearn\.(cross_validation|grid_search|learning_curve)(\..*)?": ("{name} is gone from scikit-learn", "sklearn.model_selection"),
    r"sklearn\.externals(\..*)?": ("{name} is gone from scikit-learn", "import joblib"),
    r"sklearn\.preprocessing\.Imputer": ("{name} is gone from scikit-learn", "sklearn.impute.SimpleImputer"),
    r"sklearn\.datasets\.load_boston": ("{name} is gone from scikit-learn", "another data set"),
    r"sklearn\.metrics\.plot_(confusion_matrix|roc_curve|precision_recall_curve)": ("{name} is gone from scikit-learn", "the Display classes: ConfusionMatrixDisplay.from_estimator"),
    r"scipy\.misc\.(imread|imsave|imresize|comb|factorial|logsumexp)": ("{name} is gone from SciPy", "imageio, or scipy.special"),
    r"scipy\.interp": ("{name} is gone from SciPy", "numpy.interp"),
    r"pyspark(\.sql)?\.(SQLContext|HiveContext)|pyspark\.sql\.context\..*": ("{name} is deprecated since Spark 3.0", "SparkSession"),
    r"databricks\.koalas.*": ("{name} is a part of Spark since 3.2", "pyspark.pandas"),
    r"(distutils|imp)(\..*)?": ("{name} is gone since Python 3.12", "setuptools, packaging or importlib"),
    r"collections\.(Mapping|MutableMapping|Sequence|Iterable|Callable|Set|Hashable|OrderedDictType)": ("{name} is gone since Python 3.10", "collections.abc"),
    r"pkg_resources(\..*)?": ("{name} is deprecated", "importlib.metadata"),
    r"tensorflow\.contrib.*": ("{name} is gone since TensorFlow 2", "the add-on that it has become"),
    r"keras\.utils\.np_utils.*": ("{name} is gone from Keras", "keras.utils"),
}  # fmt: skip

SPARK_R = re.compile(r"^\s*((?:library|require)\s*\(\s*[\"']?SparkR\b)", re.M)
