"""outreach.db"""
