# %%
from fractions import Fraction

# %% [markdown]
# ## The sum

# %%
# %time total = sum(Fraction(1, n) for n in range(1, 100))
# %timeit sum(Fraction(1, n) for n in range(1, 100))
print(total)

# %% [markdown]
# ## How long it takes

# %%
# %timeit float(total)
