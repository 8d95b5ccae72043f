def absolute(points, centre):
    import scales as s

    return (points - centre).abs() * s.UNIT
