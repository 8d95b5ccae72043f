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
#     parameters: []
#     results:
#     - shown by dbutils.notebook.exit(answer)
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: ec4cf10dfc45d2e829eaa70c861a303b6e5ef5248c9947fd4057ea781519cbe8
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from commonlib.dbutils import dbutils

# %% tags=["parameters"]
# This notebook takes no parameters.

# %%
rows = dbutils.jobs.taskValues.get(taskKey="load", key="rows", debugValue=3)

# %%
answer = dbutils.notebook.run("./other", 60, {"rows": rows})
dbutils.jobs.taskValues.set(key="answer", value=answer)

# %%
dbutils.notebook.exit(answer)
