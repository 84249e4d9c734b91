import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * Tells at once when a chosen file is too large, before a slow line has carried it.
 * The server checks again; without this script the form works as well.
 */
export class DocumentUpload extends Interaction {
    static selector = ".o_bp_upload";
    dynamicContent = {
        ".o_bp_file": { "t-on-change": this.onChoose },
        ".o_bp_upload_too_large": { "t-att-hidden": () => !this.tooLarge },
        "button[type=submit]": { "t-att-disabled": () => this.tooLarge },
    };

    setup() {
        this.tooLarge = false;
    }

    /**
     * @param {Event} ev
     */
    onChoose(ev) {
        const limit = Number(ev.currentTarget.dataset.maxBytes);
        this.tooLarge = [...ev.currentTarget.files].some((file) => file.size > limit);
    }
}

/**
 * A form that is on its way is not sent a second time by a second tap. The server
 * recognises a repeated request by its form key; this spares the person the wait.
 */
export class SendOnce extends Interaction {
    static selector = ".o_bp form";
    dynamicContent = {
        _root: { "t-on-submit": this.onSubmit },
    };

    setup() {
        this.sent = false;
    }

    /**
     * @param {SubmitEvent} ev
     */
    onSubmit(ev) {
        if (this.sent) {
            ev.preventDefault();
            return;
        }
        this.sent = true;
        this.el.classList.add("o_bp_busy");
        // Where the line broke, the person can try again.
        this.waitForTimeout(() => {
            this.sent = false;
            this.el.classList.remove("o_bp_busy");
        }, 20000);
    }
}

registry
    .category("public.interactions")
    .add("beneficiary_relations.document_upload", DocumentUpload)
    .add("beneficiary_relations.send_once", SendOnce);
