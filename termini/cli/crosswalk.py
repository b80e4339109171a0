"""Commands for the id crosswalk."""


def make() -> None:
    """Make."""


def show() -> None:
    """Show."""
