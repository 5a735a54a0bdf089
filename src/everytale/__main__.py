"""``python -m everytale`` is the command ``everytale``."""

from everytale.cli import main

if __name__ == "__main__":
    main()
