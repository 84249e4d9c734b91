# pylint: disable=undefined-variable,invalid-commit
"""Make a template database self-contained and warm; fed to Odoo's shell.

Attachments move into the database, so that a clone needs no filestore, and the
JavaScript and CSS bundles are built once instead of in every clone.
"""

env["ir.config_parameter"].set_param("ir_attachment.location", "db")  # noqa: F821
env["ir.attachment"].force_storage()  # noqa: F821
env.cr.commit()  # noqa: F821
env["ir.qweb"]._pregenerate_assets_bundles()  # noqa: F821
env.cr.commit()  # noqa: F821
