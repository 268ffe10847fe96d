"""Facts: what students state about themselves, read by rule into values, and the sentences that are made of these."""
