"""The API as data: what each question takes and what its answer holds.

The same JSON Schemas check requests, describe the API (OpenAPI 3.1) and hold the tests.
"""
