"""The web page and its JSON API: ``gradform serve``.

The process that talks to clients (``app``) never reads a formula: what is asked goes to worker
processes (``workers``), which answer it (``answers``).
"""
