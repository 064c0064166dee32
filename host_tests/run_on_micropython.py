"""Runs test functions on MicroPython, which has no pytest: plain functions with plain asserts.

    micropython run_on_micropython.py MODULE...

Prints a line per test and, last, "N passed, N failed". MICROPYPATH says where the modules are.
"""

import gc
import sys

import hanport.loops  # noqa: F401  at the end of a long chain of imports the compiler would lack stack for it


def _run(module):
    """(passed, failed) of the module's functions whose names begin with test_."""
    tests = __import__(module)
    passed = failed = 0
    for name in sorted(dir(tests)):
        if not name.startswith("test_"):
            continue
        gc.collect()
        try:
            getattr(tests, name)()
            passed += 1
            print("passed", module + "::" + name)
        except Exception as error:
            failed += 1
            print("FAILED", module + "::" + name)
            sys.print_exception(error)
    return passed, failed


def main():
    total_passed = total_failed = 0
    for module in sys.argv[1:]:
        passed, failed = _run(module)
        total_passed += passed
        total_failed += failed
    print(total_passed, "passed,", total_failed, "failed")
    sys.exit(1 if total_failed else 0)


main()
