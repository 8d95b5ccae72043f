# Databricks notebook source
from pyspark.sql import functions as F

FACTOR = 2
