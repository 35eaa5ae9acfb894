"""Who is one person: identities that were seen together, resolved by a pure function of the evidence."""
