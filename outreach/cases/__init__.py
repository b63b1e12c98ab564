"""outreach.cases"""
