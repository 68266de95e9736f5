"""``python -m rulectl`` is the ``rulectl`` command."""

from rulectl.cli.main import main

if __name__ == "__main__":
    main()
