"""Resource plugins that stand in for the genuine ones where no package registry has them."""
