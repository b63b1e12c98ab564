"""Call scripts (话术): approved lines, the lint that keeps them lawful, the adapter that chooses the next one."""
