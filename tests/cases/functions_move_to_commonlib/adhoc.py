# %% [markdown]
# # Discounted cash

# %%
import numpy as np

RATE = 0.1  # discount rate, per year
DAYS = 365

# %%
# money later is worth less
def factor(days):
    """What a unit of money in `days` days is worth today."""
    return (1 + RATE) ** (-days / DAYS)


def present_value(
    amounts,
    days,  # from today
):
    return float(np.sum(amounts * factor(days)))

# %%
amounts = np.array([100.0, 50.0])
days = np.array([30, 400])

# %%
calls = 0

def counted(x):
    global calls
    calls += 1
    return x

# %%
value = present_value(
    amounts,
    days,  # the plan
)
counted(value)
