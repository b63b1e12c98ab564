"""outreach.web"""
