"""Writing many documents.

A `QueuedWrite` says what is to be written. The sender (`_async/sender.py`) lets it fill in a message at the end of the
`Batch` that waits, and sends the batch when it is full. A `Delivery` then decides what each answer means for each
write, until each has a `WriteOutcome`; a `ReportBuilder` or a `Tally` collects these.
"""
