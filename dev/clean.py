"""Stop the database server, or remove everything the other targets made."""

import shutil
import sys

from provision import base, databases, postgres


def main():
    """`stop` only stops; without an argument everything goes."""
    if sys.argv[1:] == ["stop"]:
        postgres.stop()
        return
    if postgres.external():
        base.say("dropping the databases made in your PostgreSQL")
        databases.remove_all()
    postgres.remove()
    shutil.rmtree(base.LOCAL, ignore_errors=True)
    base.say("removed .local/ and the database cluster")


if __name__ == "__main__":
    base.main(main)
