"""The `her2immuno` command."""


def main() -> int:
    raise NotImplementedError
