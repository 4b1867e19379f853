"""`python -m yamlvault`."""

import sys

from yamlvault.cli import main

sys.exit(main())
