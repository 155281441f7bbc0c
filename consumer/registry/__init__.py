"""The schema registry: whoever has the schemas that records name. Imports domain, http and httpx.

Speaks Confluent's API, which others offer too, and Apicurio's own. What comes back is untrusted:
answers, references and waits are bounded, and nothing of an answer is shown.
"""
