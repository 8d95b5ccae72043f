# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Sales, partly in R

# %%
# %load_ext rpy2.ipython

# %% language="R"
# sales <- read.csv("data/sales.csv")

# %% language="R"
# sales$net <- sales$gross / 1.19

# %%
print("half done")

# %% language="R"
# write.csv(sales, "out/sales.csv")
