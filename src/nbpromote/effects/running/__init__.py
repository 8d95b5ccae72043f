"""Runs of production notebooks and of their regression cases, and the ledger of them."""
