# %%
import pandas as pd

scale = 10
offsets = [1, 2]

# %%
def scaled(x):
    return x * scale


def shifted(x, by=offsets):
    return x + by[0]


class Meter:
    def read(self, x):
        return x * scale


def halved(x): return x / 2


Column = pd.Series


def doubled(x: Column) -> Column:
    return x * 2


def kept(x, name="last"):
    globals()[name] = x
    return x


scale = 20

# %%
frame = pd.DataFrame({"x": [1.0, 2.0]})
frame["y"] = frame["x"].apply(scaled)
frame["w"] = kept(doubled(frame["x"]))
frame["z"] = shifted(halved(frame["x"])) + Meter().read(1)
frame
