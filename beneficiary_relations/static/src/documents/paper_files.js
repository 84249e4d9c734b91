import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useFileUploader } from "@web/core/utils/files";
import {
    Many2ManyBinaryField,
    many2ManyBinaryField,
} from "@web/views/fields/many2many_binary/many2many_binary_field";
import { useState } from "@odoo/owl";

const UPLOAD = "/web/binary/upload_attachment";

/**
 * Pages of a paper in a row of a list: files are dropped or chosen at any time, without
 * opening the row for editing first.
 */
export class PaperFiles extends Many2ManyBinaryField {
    static template = "beneficiary_relations.PaperFiles";

    setup() {
        super.setup();
        this.uploadFiles = useFileUploader();
        this.state = useState({ isOver: false, isBusy: false });
    }

    async onChosen(ev) {
        await this.upload(ev.target.files);
        ev.target.value = "";
    }

    async onDrop(ev) {
        this.state.isOver = false;
        await this.upload(ev.dataTransfer.files);
    }

    async upload(files) {
        if (!files.length) {
            return;
        }
        this.state.isBusy = true;
        try {
            const uploaded = await this.uploadFiles(UPLOAD, {
                csrf_token: odoo.csrf_token,
                ufile: [...files],
                model: this.props.record.resModel,
                id: this.props.record.resId || 0,
            });
            if (uploaded) {
                await this.onFileUploaded(uploaded);
            }
        } finally {
            this.state.isBusy = false;
        }
    }
}

registry.category("fields").add("paper_files", {
    ...many2ManyBinaryField,
    component: PaperFiles,
    displayName: _t("Pages of a paper"),
});
