import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onMounted, onWillDestroy, onWillStart, useExternalListener, useRef, useState } from "@odoo/owl";

const MEETING = "beneficiary.meeting";
const ITEM = "beneficiary.agenda.item";
const CHANGED = "beneficiary_meeting/changed";
// Several changes of one moment are read once.
const GATHER = 150;
// How often is asked when the bus is silent, and when it works, to be sure.
const POLL = 4000;
const POLL_LIVE = 60000;
const TYPING = "input, textarea, select, [contenteditable='true']";
const MOTION = ["outcome", "amount", "fund_id", "reason_id", "motion", "condition", "public_text"];

/** A meeting while it runs: agenda, dossier, motion, votes, for each his own view. */
export class Session extends Component {
    static template = "beneficiary_aid.Session";
    static props = { ...standardActionServiceProps };
    static displayName = _t("Session");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.ui = useService("ui");
        this.bus = useService("bus_service");
        this.meetingId = this.props.action.context.active_id || this.props.action.params?.active_id;
        this.state = useState({
            data: null,
            itemId: false,
            follow: true,
            live: this.isBusLive(),
            showKeys: false,
            busy: false,
            waiting: false,
            edited: {},
        });
        this.root = useRef("root");
        this.reading = null;
        this.again = null;
        // What is under way, and the step the server was asked for last.
        this.works = new Set();
        this.step = null;
        this.calling = null;
        this.channel = `beneficiary.meeting_${this.meetingId}`;
        this.onChanged = (payload) => {
            if (payload.id === this.meetingId) {
                this.readSoon();
            }
        };
        this.bus.subscribe(CHANGED, this.onChanged);
        useBus(this.bus, "BUS:WORKER_STATE_UPDATED", () => this.setLive(this.isBusLive()));
        // The bus may have been connected between the making and the mounting.
        onMounted(() => this.setLive(this.isBusLive()));
        useExternalListener(window, "keydown", (event) => this.onKeydown(event));
        onWillStart(() => this.start());
        onWillDestroy(() => this.stop());
    }

    async start() {
        if (!this.meetingId) {
            return this.action.doAction("beneficiary_aid.beneficiary_meeting_action", {
                clearBreadcrumbs: true,
            });
        }
        this.bus.addChannel(this.channel);
        await this.read();
        this.plan();
    }

    stop() {
        clearTimeout(this.soon);
        clearTimeout(this.poll);
        this.bus.unsubscribe(CHANGED, this.onChanged);
        this.bus.deleteChannel(this.channel);
    }

    // ------------------------------------------------------------------
    // Reading
    // ------------------------------------------------------------------

    isBusLive() {
        return this.bus.workerState === "CONNECTED";
    }

    setLive(live) {
        if (live !== this.state.live) {
            this.state.live = live;
            // What happened meanwhile was told to nobody.
            this.readSoon();
            this.plan();
        }
    }

    plan() {
        clearTimeout(this.poll);
        this.poll = setTimeout(
            async () => {
                await this.read().catch(() => {});
                this.plan();
            },
            this.state.live ? POLL_LIVE : POLL
        );
    }

    readSoon() {
        clearTimeout(this.soon);
        this.soon = setTimeout(() => this.read(), GATHER);
    }

    /**
     * Read what there is to see. One question is on its way at a time: what happens
     * meanwhile is asked once, after it, so that a busy server is asked less often.
     */
    read() {
        if (this.reading) {
            this.again = this.again || this.reading.then(
                () => this.readNow(),
                () => this.readNow()
            );
            return this.again;
        }
        return this.readNow();
    }

    readNow() {
        this.again = null;
        this.reading = this.askState().finally(() => {
            this.reading = null;
        });
        return this.reading;
    }

    async askState() {
        const itemId = this.state.follow ? false : this.state.itemId;
        const data = await this.orm.silent.call(MEETING, "session_state", [[this.meetingId]], {
            item_id: itemId,
            context: user.context,
        });
        // Somebody who went on meanwhile is shown what he went to.
        if (itemId === (this.state.follow ? false : this.state.itemId)) {
            // What is not to be seen any more is not stayed with.
            this.state.follow = this.state.follow || data.item.id !== itemId;
            this.show(data);
        }
    }

    show(data) {
        if (data.item.id !== this.state.itemId) {
            this.state.edited = {};
            // The row that is left would take the next key for itself.
            document.activeElement?.closest(".o_session_row")?.blur();
        }
        this.state.data = data;
        this.state.itemId = data.item.id || false;
    }

    // ------------------------------------------------------------------
    // What is shown
    // ------------------------------------------------------------------

    get data() {
        return this.state.data;
    }

    get item() {
        return this.data.item;
    }

    get seen() {
        return this.data.agenda.filter((row) => !row.hidden);
    }

    get isBehind() {
        const current = this.data.meeting.current_id;
        return current && current !== this.state.itemId;
    }

    get isEdited() {
        return Object.keys(this.state.edited).length > 0;
    }

    value(name) {
        return name in this.state.edited ? this.state.edited[name] : this.item.motion[name];
    }

    get outcome() {
        return this.value("outcome");
    }

    get paysSomething() {
        return ["approve", "approve_less", "approve_condition", "in_kind"].includes(this.outcome);
    }

    /** The reasons that fit the outcome of the motion. */
    get reasons() {
        const use = this.item.choices.uses[this.outcome];
        return this.item.choices.reasons.filter((reason) => ["any", use].includes(reason[2]));
    }

    get steps() {
        const can = this.item.can;
        return can.open || can.close || can.postpone || can.recuse || can.vote;
    }

    // ------------------------------------------------------------------
    // Going through the agenda
    // ------------------------------------------------------------------

    async choose(itemId) {
        this.state.follow = itemId === this.data.meeting.current_id;
        if (itemId !== this.state.itemId) {
            this.state.edited = {};
        }
        this.state.itemId = itemId;
        await this.read();
    }

    async followCurrent() {
        this.state.follow = true;
        this.state.edited = {};
        await this.read();
    }

    /** Do something with the item that was chosen, once it is in view. */
    async inView(step) {
        const isOnItsWay = () => this.state.itemId !== (this.item.id || false);
        while (this.reading && isOnItsWay()) {
            await this.reading.catch(() => {});
        }
        if (!isOnItsWay()) {
            return step();
        }
    }

    /**
     * Take the step of a key. While another one is under way the key waits, and the last
     * one counts: it then means what is in view. After a step that failed, or asked
     * something, nobody meant it any more.
     */
    async press(step) {
        this.state.waiting = Boolean(this.pressing || this.works.size);
        this.next = step;
        if (this.pressing) {
            return;
        }
        this.pressing = true;
        try {
            while (this.next) {
                while (this.works.size) {
                    await Promise.allSettled(this.works);
                }
                const next = this.next;
                this.next = null;
                this.state.waiting = false;
                if (!this.isAsking) {
                    await this.doWork(() => this.inView(next));
                }
            }
        } finally {
            this.pressing = false;
            this.next = null;
            this.state.waiting = false;
        }
    }

    get isAsking() {
        return this.ui.activeElement !== document;
    }

    /** Remember what is under way until its result is read. */
    async doWork(work) {
        const working = work();
        this.works.add(working);
        try {
            return await working;
        } finally {
            this.works.delete(working);
        }
    }

    async move(step) {
        const ids = this.seen.map((row) => row.id);
        const next = ids[ids.indexOf(this.state.itemId) + step];
        if (next) {
            await this.choose(next);
            // The row in view is the one the keys go on from.
            const row = this.root.el?.querySelector(`.o_session_row[data-item="${next}"]`);
            row?.focus({ preventScroll: true });
            row?.scrollIntoView({ block: "nearest" });
        }
    }

    /** The item all look at; the secretary takes everybody along. */
    async takeUp(itemId) {
        this.state.follow = true;
        await this.call("action_take_up", itemId);
    }

    nextOpen() {
        const ids = this.seen.map((row) => row.id);
        const rest = this.seen.slice(ids.indexOf(this.state.itemId) + 1);
        return [...rest, ...this.seen].find(
            (row) => row.state === "pending" && row.id !== this.state.itemId
        );
    }

    goOn() {
        const next = this.nextOpen();
        if (next) {
            return this.takeUp(next.id);
        }
    }

    // ------------------------------------------------------------------
    // Steps
    // ------------------------------------------------------------------

    /** Take a step on the server, which says whether it is allowed. */
    call(method, itemId = this.state.itemId) {
        return this.callOn(ITEM, method, itemId);
    }

    /** One step after the other; a second click on the same one means nothing. */
    async callOn(model, method, id) {
        const step = `${model}.${method}.${id}`;
        if (this.step === step) {
            return;
        }
        return this.doWork(async () => {
            while (this.calling) {
                await this.calling.catch(() => {});
            }
            this.step = step;
            this.calling = this.takeStep(model, method, id);
            try {
                await this.calling;
            } finally {
                this.step = null;
                this.calling = null;
            }
        });
    }

    async takeStep(model, method, id) {
        this.state.busy = true;
        try {
            // As a button of a form: a window it answers with is made ready to open.
            const action = await rpc(`/web/dataset/call_button/${model}/${method}`, {
                model,
                method,
                args: [[id]],
                kwargs: { context: user.context },
            });
            if (action && action.type) {
                await this.action.doAction(action, { onClose: () => this.read() });
            }
        } finally {
            this.state.busy = false;
            await this.read();
        }
    }

    ask(title, body, confirmLabel, confirm) {
        this.dialog.add(ConfirmationDialog, {
            title,
            body,
            confirmLabel,
            cancelLabel: _t("Back"),
            confirm,
            cancel: () => {},
        });
    }

    vote(value) {
        const can = this.item && this.item.can;
        if (!can || !can.vote || (value === "abstain" && !can.abstain)) {
            return;
        }
        const [title, words, method] = {
            yes: [_t("Vote yes"), _t("Vote yes on %s?", this.item.name), "action_vote_yes"],
            no: [_t("Vote no"), _t("Vote no on %s?", this.item.name), "action_vote_no"],
            abstain: [_t("Abstain"), _t("Abstain on %s?", this.item.name), "action_vote_abstain"],
        }[value];
        if (value === "abstain" && this.item.vote.asks_reason) {
            // The window that asks for the reason is the question.
            return this.call(method);
        }
        const after = this.item.vote.is_final
            ? _t("A vote is given once.")
            : _t("It can be changed until the vote is closed.");
        this.ask(title, `${words} ${after}`, title, () => this.call(method));
    }

    openVote() {
        return this.doWork(() => this.putToVote());
    }

    async putToVote() {
        await this.saveMotion();
        const { id, current_id: current } = this.data.meeting;
        if (id && current !== this.state.itemId) {
            await this.takeUp(this.state.itemId);
        }
        await this.call("action_open_vote");
    }

    closeVote() {
        this.ask(
            _t("Close the vote"),
            _t("Close the vote on %s? The result cannot be changed afterwards.", this.item.name),
            _t("Close Vote"),
            () => this.call("action_close_vote")
        );
    }

    stepAside() {
        this.ask(
            _t("Step aside"),
            _t(
                "Leave the discussion and the vote on %s? You will not see its file any more.",
                this.item.name
            ),
            _t("Step Aside"),
            () => this.call("action_recuse")
        );
    }

    /** The window that asks for the reason is the question. */
    postpone() {
        return this.call("action_postpone");
    }

    confirmConflict(conflict) {
        this.ask(
            _t("Confirm the conflict"),
            _t("%s leaves the discussion, the vote and the file.", conflict.member),
            _t("Confirm"),
            () => this.answerConflict("action_confirm", conflict)
        );
    }

    answerConflict(method, conflict) {
        return this.callOn("beneficiary.conflict", method, conflict.id);
    }

    async togglePresence(attendance) {
        await this.orm.call("beneficiary.meeting.attendance", "action_toggle_presence", [
            [attendance.id],
        ]);
        await this.read();
    }

    edit(name, value) {
        if (["fund_id", "reason_id"].includes(name)) {
            value = parseInt(value) || false;
        }
        if (name === "amount") {
            value = parseFloat(value) || 0;
        }
        this.state.edited[name] = value;
        if (name === "outcome" && !this.reasons.some((reason) => reason[0] === this.value("reason_id"))) {
            this.state.edited.reason_id = false;
        }
    }

    async saveMotion() {
        if (!this.isEdited) {
            return;
        }
        const values = {};
        for (const name of MOTION) {
            if (name in this.state.edited) {
                values[name] = this.state.edited[name];
            }
        }
        await this.orm.write(ITEM, [this.state.itemId], values);
        this.state.edited = {};
        await this.read();
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openMeeting() {
        return this.openRecord(MEETING, this.meetingId);
    }

    // ------------------------------------------------------------------
    // Keyboard
    // ------------------------------------------------------------------

    onKeydown(event) {
        if (this.isAsking || !this.data || event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        if (event.target.closest?.(TYPING)) {
            return;
        }
        // The place of a key, so that it works with an Arabic keyboard, too.
        const step = this.keys[event.code] || this.keys[event.key];
        if (step && !(event.key === "Enter" && this.isPressed(event.target))) {
            event.preventDefault();
            // A key that is held down is pressed once; only the agenda runs along.
            if (!event.repeat || event.key.startsWith("Arrow")) {
                step();
            }
        }
    }

    /** Whether Enter presses what has the focus; the row in view is open already. */
    isPressed(target) {
        const button = target.closest?.("button, a");
        return button && button.dataset.item !== String(this.state.itemId);
    }

    get keys() {
        return {
            ArrowDown: () => this.move(1),
            ArrowUp: () => this.move(-1),
            KeyY: () => this.press(() => this.vote("yes")),
            KeyN: () => this.press(() => this.vote("no")),
            KeyA: () => this.press(() => this.vote("abstain")),
            Enter: () => this.press(() => this.enter()),
            "?": () => this.toggleKeys(),
            "؟": () => this.toggleKeys(),
            Escape: () => (this.state.showKeys = false),
        };
    }

    toggleKeys() {
        this.state.showKeys = !this.state.showKeys;
    }

    enter() {
        const can = this.item && this.item.can;
        if (!can) {
            return;
        }
        if (can.open) {
            return this.openVote();
        }
        if (can.close) {
            return this.closeVote();
        }
        if (can.take_up && this.nextOpen()) {
            return this.goOn();
        }
    }
}

registry.category("actions").add("beneficiary_aid.session", Session);
