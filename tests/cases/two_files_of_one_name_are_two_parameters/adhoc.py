# %%
import pandas as pd

# %%
north = pd.read_csv("north/data.csv")
south = pd.read_csv("south/data.csv")
archive = pd.read_csv("../archive/north/data.csv")

# %%
again = pd.read_csv("south/data.csv", usecols=["id"])
pd.concat([north, south, archive]).merge(again, on="id").to_csv("all.csv", index=False)
