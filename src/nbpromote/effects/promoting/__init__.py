"""Promotions: drafted, tried on a stage, proven, landed, taken back; and the promotions made so far."""
