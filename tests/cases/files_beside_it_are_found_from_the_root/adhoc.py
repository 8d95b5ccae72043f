# %%
from glob import glob

from IPython.display import SVG
import numpy as np

# %%
FOLDER = "./parts/"
first = open(FOLDER + "b.txt").read()

# %%
SVG("images/shop.svg")

# %%
parts = sorted(glob("parts/*.txt"))
total = sum(int(np.loadtxt(part)) for part in parts)
print("parts/a.txt", first, np.loadtxt("parts/a.txt") / total, np.loadtxt("parts/a.txt", dtype=int, ndmin=1))
