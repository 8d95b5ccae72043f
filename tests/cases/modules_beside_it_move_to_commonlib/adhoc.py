# %%
import clusters as cl, distances
import pandas as pd
from scales import UNIT

# %%
points = pd.Series([1, 5, 9])

# %%
def spread(points):
    from distances import absolute
    return absolute(points, points.mean()).max()

# %%
print(cl.nearest(points, 4), spread(points) / UNIT, distances.absolute(points, 2).sum())
