"""How the web server answers many people at once, hostile ones among them."""
