"""How fast it is here, against plain SimPy models of the same centres."""
