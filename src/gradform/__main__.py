"""``python -m gradform`` is the command ``gradform``."""

import sys

from gradform.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
