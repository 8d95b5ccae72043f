# %%
import shutil

import pandas as pd

# %%
pd.read_csv("sales.csv").to_csv("out/sales.csv", index=False)
shutil.copy("out/sales.csv", "/mnt/share/sales.csv")
shutil.copytree("out", "/mnt/share/all")
