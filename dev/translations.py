"""Every text of our addons has an Arabic translation."""

import io

import polib

from odoo.tools.translate import TranslationModuleReader, trans_export

LANGUAGE = "ar"


def check(env, addons, root):
    """Yield what a fresh export has and the addon's ar.po lacks."""
    installed = env["ir.module.module"]._installed()
    for addon in addons:
        if addon not in installed:
            yield f"{addon}: is not installed in the checked database"
            continue
        path = root / addon / "i18n" / f"{LANGUAGE}.po"
        exported = export(env, addon)
        if not path.exists():
            if exported:
                yield f"{path.relative_to(root)}: missing ({len(exported)} texts)"
            continue
        yield from compare(exported, polib.pofile(str(path)), path.relative_to(root))


def export(env, addon):
    """The addon's source texts as Odoo exports them now."""
    if not TranslationModuleReader(env.cr, modules=[addon]):
        return polib.POFile()
    buffer = io.BytesIO()
    trans_export(False, [addon], buffer, "po", env)
    return polib.pofile(buffer.getvalue().decode())


def compare(exported, translated, path):
    """Yield missing, empty, fuzzy and no longer used entries."""
    entries = {entry.msgid: entry for entry in translated if not entry.obsolete}
    for source in exported:
        entry = entries.pop(source.msgid, None)
        text = source.msgid[:70].replace("\n", "⏎")
        if entry is None:
            yield f"{path}: not translated: {text}"
        elif not entry.msgstr:
            yield f"{path}:{entry.linenum}: empty: {text}"
        elif "fuzzy" in entry.flags:
            yield f"{path}:{entry.linenum}: fuzzy: {text}"
    for msgid, entry in entries.items():
        text = msgid[:70].replace("\n", "⏎")
        yield f"{path}:{entry.linenum}: no longer used: {text}"
