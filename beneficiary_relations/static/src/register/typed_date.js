import { formatDate, parseDate } from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { registry } from "@web/core/registry";
import { useInputField } from "@web/views/fields/input_field_hook";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/**
 * A date that is typed from a paper. No calendar opens: over a dialog it lies on the
 * buttons, and a click meant for a button would choose another day.
 */
export class TypedDateField extends Component {
    static template = "beneficiary_relations.TypedDateField";
    static props = { ...standardFieldProps };

    setup() {
        useInputField({
            getValue: () => this.shown,
            parse: (text) => parseDate(text),
        });
    }

    get shown() {
        const day = this.props.record.data[this.props.name];
        return day ? formatDate(day) : "";
    }

    get example() {
        return localization.dateFormat.toUpperCase();
    }
}

registry.category("fields").add("typed_date", {
    component: TypedDateField,
    supportedTypes: ["date"],
});
