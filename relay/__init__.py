"""The owner's door: the tunnel protocol, the server of tunnels, and the connector at their other end."""
