"""outreach.dialer"""
