"""The canary: sends itself an event, from the public URL to the far end of a tunnel, again and again."""
