"""Cloud KMS on loopback: gRPC and REST on one port, with IAM, tokens, metadata and faults."""
