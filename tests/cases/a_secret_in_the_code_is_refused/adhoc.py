# %%
import pandas as pd
from sqlalchemy import create_engine

engine = create_engine("postgresql://report:kq8Zr2vXw0pL@db.example.org/sales")

# %%
sales = pd.read_sql("SELECT * FROM sales", engine)
sales.to_csv("sales.csv", index=False)
