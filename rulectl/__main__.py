"""``python -m rulectl`` is the ``rulectl`` command."""

import sys

from rulectl.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
