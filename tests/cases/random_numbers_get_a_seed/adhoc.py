# %%
import numpy as np
import pandas as pd

# %%
visits = pd.DataFrame({"day": range(60), "visits": [7, 9, 4, 8, 6, 5] * 10})
visits.sample(3)

# %% [markdown]
# ## How sure is the mean?

# %%
means = [visits.visits.sample(30, replace=True).mean() for _ in range(200)]
np.percentile(means, [5, 95])
