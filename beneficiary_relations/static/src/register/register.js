import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { FormController } from "@web/views/form/form_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { listView } from "@web/views/list/list_view";
import { ListController } from "@web/views/list/list_controller";

const REGISTER = "beneficiary_relations.beneficiary_search_action";

// "New" looks the person up first, in each view that offers it.

export class RegisterListController extends ListController {
    async createRecord() {
        await this.actionService.doAction(REGISTER);
    }
}

export class RegisterKanbanController extends KanbanController {
    async createRecord() {
        await this.env.services.action.doAction(REGISTER);
    }
}

export class RegisterFormController extends FormController {
    async create() {
        if (await this.model.root.save()) {
            await this.env.services.action.doAction(REGISTER);
        }
    }
}

const views = registry.category("views");
views.add("beneficiary_list", { ...listView, Controller: RegisterListController });
views.add("beneficiary_kanban", { ...kanbanView, Controller: RegisterKanbanController });
views.add("beneficiary_form", { ...formView, Controller: RegisterFormController });
