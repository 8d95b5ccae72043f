"""Fitted models and tensors, known by the ways in which their libraries show what they hold."""

import sys
import warnings
from typing import Any

from .trying import unnoticed

Parts = list[tuple[Any, Any]]

_ROWS = 16
_TENSORS = frozenset({"torch", "tensorflow", "jax", "jaxlib", "cupy", "mxnet"})
# What Spark's fitted models have learned (https://spark.apache.org/docs/latest/api/python/reference/pyspark.ml.html).
_LEARNED = (
    "coefficients intercept coefficientMatrix interceptVector featureImportances toDebugString clusterCenters theta pi "
    "sigma labelsArray mean std pc explainedVariance vocabulary idf originalMin originalMax treeWeights rank splits "
    "maxAbs medianAbsoluteDeviations range median scale factors linear numFeatures numClasses stages bestModel "
    "avgMetrics"
).split()


def array_of(value: Any) -> Any | None:
    """A tensor or a vector of another library as numpy's array; None when the value is none."""
    if "numpy" not in sys.modules:
        return None
    kind = type(value)
    root = kind.__module__.split(".")[0]
    if root == "torch" and hasattr(value, "detach"):
        value = value.detach().cpu()
        return value.to_dense().float().numpy() if "bfloat16" in str(value.dtype) else value.numpy()
    if root in _TENSORS and hasattr(value, "numpy"):
        return value.numpy()
    if root in _TENSORS and hasattr(value, "__array__") and hasattr(value, "dtype"):
        return sys.modules["numpy"].asarray(value)
    if kind.__module__.startswith(("pyspark.ml.linalg", "pyspark.mllib.linalg")) and hasattr(value, "toArray"):
        return value.toArray()
    return None


def parts(value: Any) -> Parts | None:  # noqa: PLR0911
    """What is compared of a value that its library shows in a way of its own; None when it is no such value."""
    kind = type(value)
    root = kind.__module__.split(".")[0]
    if root == "scipy" and hasattr(value, "tocoo") and hasattr(value, "nnz"):
        return _sparse(value)
    if root == "xarray" and kind.__name__ in {"DataArray", "Dataset", "Variable"}:
        return _labelled(value)
    if hasattr(value, "get_weights") and hasattr(value, "get_config"):  # Keras
        return [("config", value.get_config()), ("weights", value.get_weights())]
    if root == "torch" and hasattr(value, "state_dict"):
        return [("module", str(value)), *value.state_dict().items()]
    if root == "statsmodels" and hasattr(value, "params") and hasattr(value, "model"):
        return _estimated(value)
    if root == "pyspark" and hasattr(value, "uid") and hasattr(value, "params"):
        return _spark(value)
    return None


def is_model(value: Any) -> bool:
    """Whether this was, or can be, fitted to data."""
    return any(hasattr(value, name) for name in ("get_params", "params", "predict", "get_weights", "state_dict"))


def predictions(value: Any) -> Any | None:
    """What a fitted model says to a few made rows, or of its own data; None when it cannot be asked."""
    numpy = sys.modules.get("numpy")
    columns = getattr(value, "n_features_in_", None)
    if numpy is None:
        return None
    try:
        with unnoticed(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if isinstance(columns, int):
                rows = numpy.sin(numpy.arange(1.0, _ROWS * columns + 1)).reshape(_ROWS, columns) * 3
                names = getattr(value, "feature_names_in_", None)
                if names is not None:
                    rows = sys.modules["pandas"].DataFrame(rows, columns=list(names))
                ways = [one for one in ("predict", "predict_proba", "transform") if hasattr(value, one)]
                return {way: getattr(value, way)(rows) for way in ways} or None
            if hasattr(value, "fittedvalues"):  # statsmodels
                return {"fittedvalues": value.fittedvalues}
    except Exception:  # it wants texts, or more than it was given here
        return None
    return None


def _sparse(value: Any) -> Parts:
    numpy = sys.modules["numpy"]
    entries = value.tocoo(copy=True)
    entries.sum_duplicates()
    places = entries.coords if hasattr(entries, "coords") else (entries.row, entries.col)
    order = numpy.lexsort(places[::-1])
    axes = [(f"axis {axis}", place[order].astype("int64")) for axis, place in enumerate(places)]
    return [("shape", tuple(map(int, value.shape))), *axes, ("values", entries.data[order])]


def _labelled(value: Any) -> Parts:
    found: Parts = [("attributes", dict(value.attrs))]
    if hasattr(value, "data_vars"):
        return [
            *found,
            *((name, one.variable) for name, one in value.data_vars.items()),
            *((f"coordinate {name}", one.variable) for name, one in value.coords.items()),
        ]
    found += [("dimensions", tuple(value.dims)), ("values", value.values)]
    return [*found, *((f"coordinate {name}", one.variable) for name, one in getattr(value, "coords", {}).items())]


def _estimated(value: Any) -> Parts:
    """Results of statsmodels, which keep all of their data and what was asked of them so far."""
    model = value.model
    names = [(name, getattr(model, name, None)) for name in ("endog_names", "exog_names")]
    return [("model", type(model).__name__), *names, ("nobs", getattr(value, "nobs", None)), ("params", value.params)]


def _spark(value: Any) -> Parts:
    """Parameters, and what was learned; the uid is random, and names made of it are."""
    found: Parts = []
    for one in value.params:
        if value.isDefined(one):
            held = value.getOrDefault(one)
            found.append((one.name, held.replace(value.uid, "uid") if isinstance(held, str) else held))
    for name in _LEARNED:
        try:
            held = getattr(value, name)
            held = held() if callable(held) else held
        except Exception:  # this kind of model has none
            continue
        found.append((name, held.replace(value.uid, "uid") if isinstance(held, str) else held))
    return found
