# pylint: disable=undefined-variable,invalid-commit
"""Give a cloned database its own identifier and secrets; fed to Odoo's shell."""

env["ir.config_parameter"].init(force=True)  # noqa: F821
env.cr.commit()  # noqa: F821
