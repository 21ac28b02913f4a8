"""The cases are run by tests/contracts/test_bad_inputs.py; nothing here is collected by itself."""

collect_ignore_glob = ["*.py"]
