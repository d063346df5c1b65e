"""What the platform gives every program that runs as the PI: a token, and the address that it may be sent to.

Shared by the lab's server extension and the notebook helper; imports neither Jupyter nor the Butler.
"""
