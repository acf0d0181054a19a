"""The relay: takes deliveries from Redis and brings them to connectors; also serves the control API."""
