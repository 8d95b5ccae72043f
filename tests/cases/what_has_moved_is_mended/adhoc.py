# %% [markdown]
# # Shops

# %%
import pandas as pd
from sklearn.cross_validation import train_test_split

pd.set_option("max_columns", 20)
plt.style.use("seaborn-whitegrid")

# %%
shops = pd.DataFrame({"town": list("abcabc"), "sales": np.arange(6).astype(np.float)})
more = pd.DataFrame({"town": ["d"], "sales": [7.0]})

# %%
shops = shops.append(more, ignore_index=True)
large = shops.ix[shops["sales"] > 2, "town"]  # by label
for name, column in shops.iteritems():
    print(name, len(column))

# %%
train, test = train_test_split(shops, random_state=3)

# %%
ax = train["sales"].hist(normed=True)
plt.show()
