# %%
import pandas as pd

from helpers import cleaning

# %%
cleaning.cleaned(pd.read_csv("sales.csv")).to_csv("clean.csv", index=False)
