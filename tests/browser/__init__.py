"""The web page in a real browser, served by ``gradform serve``."""
