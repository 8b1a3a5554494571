"""Azure Resource Graph: queries over the resources that their sender may read."""
