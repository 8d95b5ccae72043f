NEVER = "imported"
