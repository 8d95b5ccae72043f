# %%
import pandas as pd

import where

# %%
pd.read_csv(where.here("sales.csv")).to_csv("out.csv")
