"""The tunnel protocol without I/O: messages, their form on the wire, and a machine for either end."""
