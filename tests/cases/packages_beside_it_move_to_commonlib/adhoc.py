# %%
import os
import sys

import pandas as pd

module_path = os.path.abspath(os.path.join("..", "src"))
if module_path not in sys.path:
    sys.path.append(module_path)

import plots.colours
from helpers import cleaning
from plots import bars as b

# %%
clean = cleaning.cleaned(pd.read_csv("sales.csv"))
print(plots.colours.of("red"), b.height(clean))
clean.to_csv("clean.csv", index=False)
