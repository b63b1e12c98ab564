"""outreach.monitor"""
