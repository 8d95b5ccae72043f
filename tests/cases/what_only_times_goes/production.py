# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: nbpromote,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   nbpromote:
#     parameters: []
#     results:
#     - shown by print(total)
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 4022b729273d904813167b6d964bceb86fe2276983060a45ab5b603f34be23de
#     version: 0.1.0
# ---

# %% [markdown]
# ## The sum

# %%
from fractions import Fraction

# %% tags=["parameters"]
# This notebook takes no parameters.

# %%
total = sum(Fraction(1, n) for n in range(1, 100))
print(total)
