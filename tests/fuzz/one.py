"""One reader under the fuzzer: its name, a command that starts this again for it, then what libFuzzer takes."""

import sys

import atheris

from tests.fuzz.readers import READERS

if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    atheris.Setup(arguments, READERS[name])
    atheris.Fuzz()
