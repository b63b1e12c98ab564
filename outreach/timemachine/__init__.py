"""outreach.timemachine"""
