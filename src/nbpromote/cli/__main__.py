"""`python -m nbpromote.cli`, the same as `nbpromote`."""

import sys

from nbpromote.cli import main

sys.exit(main())
