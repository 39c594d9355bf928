"""What the book needs beside the library: figures, explorers, exercises, the rule of judgement."""
