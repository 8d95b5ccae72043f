"""Functions that came out of notebooks/adhoc/customer_value.ipynb."""

from typing import TYPE_CHECKING

import numpy as np
from pyspark.sql import Window, functions as F
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def rfm_summary(df: "DataFrame", *, CAL_END: str) -> "DataFrame":
    """Recency / frequency / T per customer, as in the paper: frequency = number of repeat days,
    recency = age at the last purchase, all in weeks.
    """
    # two purchases on one day are one purchase, only the money adds up
    days = (df.where(F.col("date") <= CAL_END)
              .groupBy("customer_id", "date")
              .agg(F.sum("amount").alias("amount")))
    days = days.withColumn("first", F.min("date").over(Window.partitionBy("customer_id")))
    return (days.groupBy("customer_id", "first")
                .agg((F.count("*") - 1).alias("frequency"),
                     (F.datediff(F.max("date"), F.col("first")) / 7).alias("recency"),
                     F.avg(F.when(F.col("date") > F.col("first"), F.col("amount"))).alias("monetary"))
                .withColumn("T", F.datediff(F.to_date(F.lit(CAL_END)), F.col("first")) / 7))


def bgnbd_loglik(params: np.ndarray, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
    r, alpha, a, b = params
    first = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    alive = -(r + x) * np.log(alpha + T)
    # + 1 for x = 0 only so that log does not complain, term is not used then
    gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    return first + np.logaddexp(alive, np.where(x > 0, gone, -np.inf))


def fit_bgnbd(x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
    # on the log scale so that all four stay positive
    res = minimize(lambda p: -bgnbd_loglik(np.exp(p), x, t_x, T).mean(), np.zeros(4),
                   method="Nelder-Mead", options={"maxiter": 4000, "maxfev": 4000, "xatol": 1e-8, "fatol": 1e-12})
    if not res.success:
        raise RuntimeError("BG/NBD fit: " + res.message)
    return np.exp(res.x)


def p_alive(params: np.ndarray, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
    r, alpha, a, b = params
    odds = a / (b + np.maximum(x, 1) - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x)
    return 1 / (1 + np.where(x > 0, odds, 0))


def expected_purchases(params: np.ndarray, t, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
    """eq. 10: expected number of purchases in the next t weeks"""
    r, alpha, a, b = params
    z = t / (alpha + T + t)
    growth = 1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
    return (a + b + x - 1) / (a - 1) * growth * p_alive(params, x, t_x, T)


def fit_gamma_gamma(x: np.ndarray, m: np.ndarray) -> np.ndarray:
    def nll(p):
        p, q, v = np.exp(p)
        return -(gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(m)
                 + p * x * np.log(x) - (p * x + q) * np.log(x * m + v)).mean()
    res = minimize(nll, np.log([5, 4, 15]), method="Nelder-Mead", options={"maxiter": 4000, "maxfev": 4000, "xatol": 1e-8, "fatol": 1e-12})
    if not res.success:
        raise RuntimeError("gamma-gamma fit: " + res.message)
    return np.exp(res.x)


def expected_spend(money: np.ndarray, x: np.ndarray, m: np.ndarray) -> np.ndarray:
    p, q, v = money
    return p * (v + x * m) / (p * x + q - 1)


def discount_factor(weeks, *, DISCOUNT: float) -> float:
    return 1 / (1 + DISCOUNT) ** (weeks / 52)
