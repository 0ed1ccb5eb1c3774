"""The routes, a module for each noun. They translate; what they mean is decided in the nouns' packages."""
