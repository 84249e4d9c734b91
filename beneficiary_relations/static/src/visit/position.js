import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, useState } from "@odoo/owl";

const WAIT_SECONDS = 20;

/** Enters where the researcher stands, as the phone knows it, into the visit. */
export class PositionWidget extends Component {
    static template = "beneficiary_relations.PositionWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.notification = useService("notification");
        this.state = useState({ waiting: false });
    }

    async takePosition() {
        this.state.waiting = true;
        try {
            const { coords } = await new Promise((resolve, reject) =>
                navigator.geolocation.getCurrentPosition(resolve, reject, {
                    enableHighAccuracy: true,
                    timeout: WAIT_SECONDS * 1000,
                })
            );
            await this.props.record.update({
                latitude: coords.latitude,
                longitude: coords.longitude,
            });
        } catch {
            this.notification.add(
                _t(
                    "The phone does not tell where it is. Allow it in the browser, or enter the position."
                ),
                { type: "warning" }
            );
        } finally {
            this.state.waiting = false;
        }
    }
}

registry.category("view_widgets").add("beneficiary_position", {
    component: PositionWidget,
});
