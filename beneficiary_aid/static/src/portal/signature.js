import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * A box to sign in with a finger, a pen or a mouse. The drawing goes with the form as
 * a PNG of its own size; an empty box sends nothing.
 */
export class SignatureBox extends Interaction {
    static selector = ".o_bp_sign";
    dynamicContent = {
        ".o_bp_signature": {
            "t-on-pointerdown.prevent": this.onDown,
            "t-on-pointermove.prevent": this.onMove,
            "t-on-pointerup": this.onUp,
            "t-on-pointercancel": this.onUp,
        },
        ".o_bp_signature_clear": { "t-on-click": this.onClear },
    };

    setup() {
        this.canvas = this.el.querySelector(".o_bp_signature");
        this.input = this.el.querySelector("input[name=signature]");
        this.isDrawing = false;
    }

    start() {
        const box = this.canvas.getBoundingClientRect();
        this.canvas.width = Math.min(Math.round(box.width), 1000);
        this.canvas.height = Math.min(Math.round(box.height), 400);
        this.pen = this.canvas.getContext("2d");
        this.pen.lineWidth = 3;
        this.pen.lineCap = "round";
        this.pen.lineJoin = "round";
        this.pen.strokeStyle = "#1d2b2a";
        this.showDrawing();
    }

    /**
     * Show the drawing again that came back with another field's error.
     */
    showDrawing() {
        if (!this.input.value) {
            return;
        }
        const image = new Image();
        image.onload = () => this.pen.drawImage(image, 0, 0);
        image.src = this.input.value;
    }

    /**
     * @param {PointerEvent} ev
     * @returns {[number, number]} place in the drawing
     */
    place(ev) {
        const box = this.canvas.getBoundingClientRect();
        return [
            ((ev.clientX - box.left) * this.canvas.width) / box.width,
            ((ev.clientY - box.top) * this.canvas.height) / box.height,
        ];
    }

    /**
     * @param {PointerEvent} ev
     */
    onDown(ev) {
        this.isDrawing = true;
        this.canvas.setPointerCapture(ev.pointerId);
        const [x, y] = this.place(ev);
        this.pen.beginPath();
        this.pen.moveTo(x, y);
        this.pen.lineTo(x + 0.1, y + 0.1);
        this.pen.stroke();
    }

    /**
     * @param {PointerEvent} ev
     */
    onMove(ev) {
        if (!this.isDrawing) {
            return;
        }
        this.pen.lineTo(...this.place(ev));
        this.pen.stroke();
    }

    onUp() {
        if (!this.isDrawing) {
            return;
        }
        this.isDrawing = false;
        this.input.value = this.canvas.toDataURL("image/png");
    }

    onClear() {
        this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
        this.input.value = "";
    }
}

registry
    .category("public.interactions")
    .add("beneficiary_aid.signature_box", SignatureBox);
