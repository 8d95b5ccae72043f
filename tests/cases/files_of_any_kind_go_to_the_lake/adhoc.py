# %%
import json
import pickle
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

# %%
scores = pd.read_csv("scores.csv")

# %%
with open("summary.json", "w") as file:
    json.dump({"mean": scores["score"].mean()}, file)

# %%
pickle.dump(scores, open("scores.pkl", "wb"))

# %%
notes = open("notes.txt", "w")
notes.write("""scores
  by hand
""")
notes.close()

# %%
np.save("scores.npy", scores["score"].to_numpy()); Path("count.txt").write_text(str(len(scores)))

# %%
plt.hist(scores["score"]); plt.savefig("plots/histogram.png"); plt.show()

# %%
with pd.ExcelWriter("scores.xlsx") as writer:
    scores.to_excel(writer, sheet_name="all")
    scores.describe().to_excel(writer, sheet_name="summary")
