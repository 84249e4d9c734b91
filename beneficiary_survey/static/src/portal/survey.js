import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * Lets a person take back a mark: a question may always be left out. Without this
 * script the form works as well, only a mark once given can then be changed but not
 * removed.
 */
export class SurveyScale extends Interaction {
    static selector = ".o_bsurvey_scale";
    dynamicContent = {
        "input[type=radio]": { "t-on-change": () => {} },
        ".o_bsurvey_clear": {
            "t-on-click": this.onClear,
            "t-att-hidden": () => !this.getChosen(),
        },
    };

    getChosen() {
        return this.el.querySelector("input[type=radio]:checked");
    }

    onClear() {
        const chosen = this.getChosen();
        if (chosen) {
            chosen.checked = false;
        }
    }
}

/**
 * The ballot came as the answer to a form. Going back or loading the page again
 * leads to the list of surveys instead of a browser's question about sending twice.
 */
export class SurveyBallot extends Interaction {
    static selector = ".o_bsurvey_ballot[data-return-url]";

    start() {
        window.history.replaceState(null, "", this.el.dataset.returnUrl);
    }
}

registry
    .category("public.interactions")
    .add("beneficiary_survey.survey_scale", SurveyScale)
    .add("beneficiary_survey.survey_ballot", SurveyBallot);
