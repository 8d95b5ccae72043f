# %%
import clusters
import pandas as pd

# %%
points = pd.Series([1, 5, 9])

# %%
clusters.nearest(points, 4)
