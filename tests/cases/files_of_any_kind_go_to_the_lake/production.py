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
#     parameters:
#     - scores_path
#     results:
#     - derived/summary
#     - derived/scores
#     - derived/notes
#     - derived/scores_npy
#     - derived/count
#     - derived/histogram
#     - derived/scores_xlsx
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 3ee1050ed93c75c2ab605d31db594e4681823e2586b58c82708db6b211e83903
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import json
import pickle
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from commonlib import lake, parameters, validation

# %% tags=["parameters"]
scores_path: "path" = "notebooks/adhoc/scores.csv"

# %%
scores_path = parameters.input_path("scores_path", scores_path)

# %%
scores = pd.read_csv(scores_path)
scores = validation.require(scores, "scores", columns=("score",))

# %%
with lake.write_file("derived/summary", "summary.json") as path, open(path, "w") as file:
    json.dump({"mean": scores["score"].mean()}, file)

# %%
with lake.write_file("derived/scores", "scores.pkl") as path:
    pickle.dump(scores, open(path, "wb"))

# %%
with lake.write_file("derived/notes", "notes.txt") as path:
    notes = open(path, "w")
    notes.write("""scores
  by hand
""")
    notes.close()

# %%
with lake.write_file("derived/scores_npy", "scores.npy") as path:
    np.save(path, scores["score"].to_numpy())
with lake.write_file("derived/count", "count.txt") as path:
    Path(path).write_text(str(len(scores)))

# %%
plt.hist(scores["score"])
with lake.write_file("derived/histogram", "histogram.png") as path:
    plt.savefig(path)
plt.show()

# %%
with lake.write_file("derived/scores_xlsx", "scores.xlsx") as path, pd.ExcelWriter(path) as writer:
    scores.to_excel(writer, sheet_name="all")
    scores.describe().to_excel(writer, sheet_name="summary")
