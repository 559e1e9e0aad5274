"""What reaches other systems: the outbox with mails and webhooks, feeds of due dates."""
