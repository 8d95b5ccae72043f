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
#     - x_path
#     results:
#     - derived/model_dir
#     - derived/best
#     - derived/saved
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: e338b9be93ba8242698bed941e39bf9885f94e0ae9abc5840290e118a9db38f0
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import numpy as np
import tensorflow as tf
from tensorflow import keras

from commonlib import lake, parameters

# %% tags=["parameters"]
x_path: "path" = "notebooks/adhoc/x.csv"

# %%
x_path = parameters.input_path("x_path", x_path)

# %%
X = np.loadtxt(x_path)
y = X[:, 0]

# %%
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(loss="mse")
model.fit(X, y)

# %%
with lake.write_folder("derived/model_dir", "model_dir") as path:
    model.save(path)
with lake.write_file("derived/best", "best.keras") as path:
    model.save(path)
with lake.write_folder("derived/saved", "saved") as path:
    tf.saved_model.save(model, path)
