import { localization } from "@web/core/l10n/localization";
import { browser } from "@web/core/browser/browser";

const NUMBERS =
    ".o_field_monetary input, .o_field_float input, .o_field_integer input, .o_field_percentage input";
const NOT_LATIN = /[٠-٩۰-۹٫٬]/g;

/** A digit or separator of an Arabic keyboard as Odoo's number fields read it. */
export function toLatin(character) {
    if (character === "٫") {
        return localization.decimalPoint;
    }
    if (character === "٬") {
        return "";
    }
    return String(character.charCodeAt(0) & 15);
}

/**
 * Odoo takes a number typed with an Arabic keyboard for none and puts zero in its
 * place, without a word. It is written in Latin digits while it is typed.
 */
browser.addEventListener(
    "input",
    ({ target }) => {
        if (target.matches?.(NUMBERS) && target.value.match(NOT_LATIN)) {
            const fromEnd = target.value.length - target.selectionEnd;
            target.value = target.value.replace(NOT_LATIN, toLatin);
            const place = target.value.length - fromEnd;
            target.setSelectionRange(place, place);
        }
    },
    { capture: true }
);
