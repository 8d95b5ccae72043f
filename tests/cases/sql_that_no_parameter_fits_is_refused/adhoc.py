# Databricks notebook source
# MAGIC %sql
# MAGIC SELECT * FROM ${schema}.clicks WHERE day = '${day}'
