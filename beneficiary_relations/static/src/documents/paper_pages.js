import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, useState } from "@odoo/owl";

const VIEWER = "/web/static/lib/pdfjs/web/viewer.html";
const PAGE_MODEL = "beneficiary.document.page";

/** The pages of a paper, one at a time and large enough to read. */
export class PaperPages extends Component {
    static template = "beneficiary_relations.PaperPages";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ shown: 0 });
    }

    get pages() {
        return this.props.record.data[this.props.name].records.filter(
            (page) => page.resId
        );
    }

    get shown() {
        return this.pages[this.state.shown] || this.pages[0];
    }

    show(index) {
        this.state.shown = index;
    }

    /** A browser shows pictures and PDF files; HEIC pictures are downloaded. */
    get kind() {
        const type = this.shown.data.mimetype || "";
        if (type === "application/pdf") {
            return "pdf";
        }
        return ["image/jpeg", "image/png"].includes(type) ? "picture" : "other";
    }

    get fileUrl() {
        return `/web/content/${PAGE_MODEL}/${this.shown.resId}/file?filename_field=filename`;
    }

    get viewerUrl() {
        return `${VIEWER}?file=${encodeURIComponent(this.fileUrl)}`;
    }
}

registry.category("fields").add("paper_pages", {
    component: PaperPages,
    supportedTypes: ["one2many"],
    relatedFields: [
        { name: "filename", type: "char" },
        { name: "mimetype", type: "char" },
    ],
});
