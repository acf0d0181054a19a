"""The Model Context Protocol: tools by which agents manage webhooks and wait for events.

The tools ask the control API and know nothing that it does not say. No answer holds a signing secret or an
access token, and what strangers have written is marked as data.
"""
