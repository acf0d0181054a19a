"""Git repositories: what an owner writes about one, what a host says about a push, and how both meet."""
