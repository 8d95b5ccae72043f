# %%
import os
import sys
import pandas as pd

# %%
sales = pd.read_csv("sales.csv")
folder = os.path.join(sys.prefix, "sales")

# %%
def keep(name):
    path = os.path.join(folder, name + ".csv")
    sales.to_csv(path)

# %%
def size(name):
    path = os.path.join(sys.prefix, name + ".csv")
    return len(pd.read_csv(path))

# %%
keep("a")
print(size("b"))
