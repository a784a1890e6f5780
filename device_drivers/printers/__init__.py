"""Label printers: they pack bits; what stands on the label is decided elsewhere."""
