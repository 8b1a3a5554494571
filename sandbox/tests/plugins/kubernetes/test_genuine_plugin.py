"""What a program for SMB shares relies on in the genuine kubernetes plugin.

One `up` and what follows it, beside one `up` of what cannot succeed: the plugin looks for a missing type for a minute.
"""
