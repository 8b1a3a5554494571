"""Microsoft.Authorization: roles, who has them where, and whether a request may be answered."""
