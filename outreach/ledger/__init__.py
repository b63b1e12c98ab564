"""outreach.ledger"""
