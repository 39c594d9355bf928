"""What only the book needs: nothing outside this package imports it."""
