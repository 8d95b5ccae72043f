# %%
import numpy as np
import tensorflow as tf
from tensorflow import keras

X = np.loadtxt("x.csv")
y = X[:, 0]

# %%
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(loss="mse")
model.fit(X, y)

# %%
model.save("out/model_dir")
model.save("best.keras")
tf.saved_model.save(model, "saved")

# %%
again = keras.models.load_model("out/model_dir")
print(again.predict(X).mean())
