"""The owner's door: the tunnel protocol, the server that holds tunnels, and the connector at the other end."""
