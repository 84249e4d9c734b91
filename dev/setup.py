"""Make this machine ready: Odoo, PostgreSQL, Python packages, tools (`make setup`)."""

from provision import base, environment


def main():
    """Do every step that is not done yet."""
    environment.ensure()
    base.say("ready")


if __name__ == "__main__":
    base.main(main)
