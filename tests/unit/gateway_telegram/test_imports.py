"""What importing the channel costs those who have no bot."""

import subprocess
import sys


def test_aiogram_is_loaded_only_when_a_channel_opens() -> None:
    program = "import sys; import gateway.telegram.channel; sys.exit('aiogram' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
