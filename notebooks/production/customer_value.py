# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: nbpromote,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   nbpromote:
#     commonlib: '>=0.1,<1'
#     parameters:
#     - CAL_END
#     - OBS_END
#     - HORIZON_WEEKS
#     - DISCOUNT
#     - N_SEGMENTS
#     results:
#     - derived/customer_value
#     - shown by by_segment.round(3)
#     - shown by plt.show()
#     run: nbpromote run notebooks/production/customer_value.py
#     source: notebooks/adhoc/customer_value.ipynb
#     source_author: Seed ce9b096b maintainers
#     source_commit: 1c11332045b98624f760899069d3b329a3413278
#     source_date: '2026-11-22'
#     source_sha256: 093fa41a28f148b288619398bd64dd2856b05f86addc8f68cf3ddd4f7adf3c32
#     version: 0.1.0
# ---

# %% [markdown]
# # Customer value CDNOW
#
# Who of the people that bought for the first time in Q1 97 is still worth a mail? Quick look for the CRM meeting on thursday.
# Method: BG/NBD for the number of purchases, gamma-gamma for the spend, everything from the papers of Fader & Hardie.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from commonlib import lake, parameters, validation
from commonlib.customer_value import (
    discount_factor,
    expected_purchases,
    expected_spend,
    fit_bgnbd,
    fit_gamma_gamma,
    p_alive,
    rfm_summary,
)
from commonlib.session import get_spark

# %% tags=["parameters"]
CAL_END: "date" = "1997-09-30"  # last day of the calibration period
OBS_END: "date" = "1998-06-30"  # last day of the holdout period
HORIZON_WEEKS: int = 52  # how far ahead we score, weeks
DISCOUNT: float = 0.15  # per year, from the spreadsheet of finance
N_SEGMENTS: int = 10

# %%
CAL_END = parameters.date_text("CAL_END", CAL_END)
OBS_END = parameters.date_text("OBS_END", OBS_END)
HORIZON_WEEKS = parameters.integer("HORIZON_WEEKS", HORIZON_WEEKS)
DISCOUNT = parameters.number("DISCOUNT", DISCOUNT)
N_SEGMENTS = parameters.integer("N_SEGMENTS", N_SEGMENTS)

# %%
pd.set_option("display.max_columns", 30)

# %%
spark = get_spark(
    "clv-playground",
    config={
        "spark.sql.shuffle.partitions": 8,
        "spark.ui.showConsoleProgress": "false",
    },
)

# %% [markdown]
# ## Data

# %% [markdown]
# The ids loose their zeros here and the amounts are floats. Tom has put the same file into the lake, checked and with proper types -> use that one.

# %%
purchases = lake.read("validated/purchases")
purchases = validation.require(purchases, "purchases", columns=("customer_id", "date"))

# %% [markdown]
# ## RFM
#
# recency / frequency / T per customer, as in the paper: frequency = number of **repeat** days, recency = age at the last purchase, all in weeks

# %%
summary = rfm_summary(purchases, CAL_END=CAL_END).orderBy("customer_id").toPandas()

# %%
# decimals come as objects
summary["monetary"] = summary["monetary"].astype(float).fillna(0)

# %% [markdown]
# ## BG/NBD
#
# Fader, Hardie, Lee (2005) "Counting your customers" the easy way. For their 1/10 sample they get r = 0.243, alpha = 4.414, a = 0.793, b = 2.426,
# we should land somewhere near.

# %%
x = summary["frequency"].to_numpy(dtype=float)
t_x, T = summary["recency"].to_numpy(), summary["T"].to_numpy()
params = fit_bgnbd(x, t_x, T)
print(dict(zip(["r", "alpha", "a", "b"], params.round(4))))

# %%
# holdout: what did they really buy?
holdout_weeks = (pd.Timestamp(OBS_END) - pd.Timestamp(CAL_END)).days / 7
actual = (purchases.where((F.col("date") > CAL_END) & (F.col("date") <= OBS_END))
          .groupBy("customer_id").agg(F.countDistinct("date").alias("actual")).toPandas())
check = summary.merge(actual, on="customer_id", how="left").fillna({"actual": 0})
check["predicted"] = expected_purchases(params, holdout_weeks, x, t_x, T)
check.groupby(check["frequency"].clip(upper=7))[["actual", "predicted"]].mean().round(3)

# %% [markdown]
# ## Money
#
# gamma-gamma needs frequency and spend to be independent, check

# %%
buyers = summary[(summary["frequency"] > 0) & (summary["monetary"] > 0)]
buyers[["frequency", "monetary"]].corr()

# %%
money = fit_gamma_gamma(buyers["frequency"].to_numpy(dtype=float), buyers["monetary"].to_numpy())
spend = expected_spend(money, x, summary["monetary"].to_numpy())
money, spend.mean()

# %%
# every 4 weeks, discounted at the end of the step
value = np.zeros(len(summary))
before = np.zeros(len(summary))
for weeks in np.append(np.arange(4, HORIZON_WEEKS, 4), HORIZON_WEEKS):
    so_far = expected_purchases(params, weeks, x, t_x, T)
    value += (so_far - before) * spend * discount_factor(weeks, DISCOUNT=DISCOUNT)
    before = so_far
# value = value * MARGIN     # still waiting for Maria
value.sum()

# %%
scored = summary[["customer_id", "frequency", "recency", "T"]].copy()
scored["p_alive"] = p_alive(params, x, t_x, T)
scored["expected_purchases"] = expected_purchases(params, HORIZON_WEEKS, x, t_x, T)
scored["expected_spend"] = spend
scored["value"] = value.round(2)
# 1 = best. rank because of the many ties with frequency 0
scored["segment"] = pd.qcut(scored["value"].rank(method="first", ascending=False), N_SEGMENTS, labels=False) + 1

# %%
scores = spark.createDataFrame(scored)
lake.write(scores, "derived/customer_value")

# %%
by_segment = (scored.merge(check[["customer_id", "actual"]], on="customer_id")
              .groupby("segment")
              .agg(customers=("customer_id", "count"), p_alive=("p_alive", "mean"), expected_purchases=("expected_purchases", "mean"),
                   expected_spend=("expected_spend", "mean"), value=("value", "sum"), bought_in_holdout=("actual", lambda s: (s > 0).mean())))
by_segment["share"] = by_segment["value"] / by_segment["value"].sum()
by_segment.round(3)

# %%
fig, ax = plt.subplots(figsize=(6, 3))
ax.bar(by_segment.index, by_segment["share"] * 100)
ax.set_xlabel("segment, 1 = best")
ax.set_ylabel("% of value")
ax.set_title(f"Customer value in the next {HORIZON_WEEKS} weeks after {CAL_END}")
# plt.savefig("segments.png", dpi=150)
plt.show()
