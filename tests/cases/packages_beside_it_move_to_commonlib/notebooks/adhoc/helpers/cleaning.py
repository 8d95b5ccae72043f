def cleaned(frame):
    return frame.dropna()
