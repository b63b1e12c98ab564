"""outreach.telephony"""
