"""The auditor: is the chain of audit records whole, and was it so on the day that a signed head says?"""
