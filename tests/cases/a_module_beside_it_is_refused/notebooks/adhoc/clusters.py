def nearest(points, middle):
    return min(points, key=lambda point: abs(point - middle))
