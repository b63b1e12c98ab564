"""outreach.demo"""
