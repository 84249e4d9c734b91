import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { useEffect } from "@odoo/owl";

const DOCUMENT = "beneficiary.document";
const SCREEN = "beneficiary_relations.beneficiary_document_action_verify";
const LIST = "beneficiary_relations.beneficiary_document_action_to_verify";
const WAITS = "submitted";
const MOST = 1000;

/** Back to the list, which says so when nothing is left. */
function toTheList(action) {
    return action.doAction(LIST, { clearBreadcrumbs: true });
}

/** A paper that was looked at makes room for the next one. */
export class VerifyController extends FormController {
    setup() {
        super.setup();
        this.action = useService("action");
        this.seen = {};
        useEffect(
            (resId, state) => {
                const wasWaiting = this.seen.resId === resId && this.seen.state === WAITS;
                this.seen = { resId, state };
                if (wasWaiting && state !== WAITS) {
                    this.goOn();
                }
            },
            () => [this.model.root.resId, this.model.root.data.state]
        );
    }

    async goOn() {
        const { resId, resIds } = this.model.root;
        const left = resIds.filter((id) => id !== resId);
        if (!left.length) {
            return toTheList(this.action);
        }
        const next = left[resIds.indexOf(resId)] || left[0];
        await this.model.load({ resId: next, resIds: left });
    }
}

registry.category("views").add("document_verify", {
    ...formView,
    Controller: VerifyController,
});

/** Open the given papers, or all that wait, one by one. */
async function verifyDocuments(env, action) {
    const resIds =
        action.params?.ids ||
        (await env.services.orm.search(DOCUMENT, [["state", "=", WAITS]], {
            order: "beneficiary_id, id",
            limit: MOST,
        }));
    if (!resIds.length) {
        return toTheList(env.services.action);
    }
    return env.services.action.doAction(SCREEN, {
        props: { resId: resIds[0], resIds },
    });
}

registry
    .category("actions")
    .add("beneficiary_relations.verify_documents", verifyDocuments);
