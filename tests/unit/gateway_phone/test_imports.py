"""What the telephone costs those who have none."""

import subprocess
import sys


def test_neither_twilio_nor_the_voices_models_are_loaded_before_they_are_needed() -> None:
    heavy = "{'twilio', 'pipecat', 'onnxruntime', 'numpy', 'moonshine_voice'}"
    program = f"import sys; import gateway.main; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], check=True, timeout=60, capture_output=True)
    assert done.stdout.decode().strip() == "[]"
