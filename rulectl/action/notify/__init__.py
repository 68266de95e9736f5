"""Where `notify` can send a message: a file for each service.

Slack, Microsoft Teams, PagerDuty and plain webhooks are one request each and go through the action `http`, so that
egress rules, Retry-After, final answers and idempotency keys hold for them. CloudEvents are written by the package
`cloudevents`; what else there is, some hundred services, is Apprise's. Both come with ``rulectl[notify]``.
"""
