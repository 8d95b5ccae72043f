# %%
from somewhere import load

# %%
frame = load("north")

# %%
frame.to_parquet("/tmp/out/north.parquet")
