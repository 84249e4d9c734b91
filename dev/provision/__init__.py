"""How a machine gets Odoo 19, PostgreSQL and the tools, without touching the system.

Standard library only: this runs before anything is installed. Every step is skipped
when its result is already there, and builds beside its final place before it moves
there, so that an interrupted run goes on where it stopped.
"""
