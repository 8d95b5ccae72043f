# %%
import pandas as pd

# %%
lake = "Lake Constance"
path = "levels.csv"  # daily levels, cm
parameters = {"unit": "cm"}
validation = True

# %%
levels = pd.read_csv(path)
levels["lake"] = lake

# %%
levels.to_csv("levels by day.csv")
print(parameters["unit"], validation)
