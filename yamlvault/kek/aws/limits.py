"""Bounds of what is sent to KMS, and of what boto3 waits for."""

CONNECT_TIMEOUT = 3.0  # seconds; another attempt, to another address, helps more than waiting on
ANSWER_TIMEOUT = 10.0  # seconds between request and answer
MAX_WRAPPED = 6144  # bytes of a ciphertext blob, as KMS itself bounds it
MAX_CONTEXT = 8192  # bytes of an encryption context as JSON, likewise
