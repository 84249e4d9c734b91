{
    "name": "Beneficiary Surveys",
    "summary": "Anonymous satisfaction surveys of the people an association serves",
    "version": "19.0.1.0.0",
    "category": "Services/Beneficiaries",
    "author": "Beneficiary Relations contributors",
    "license": "AGPL-3",
    "development_status": "Beta",
    "depends": ["beneficiary_aid", "survey"],
    "post_init_hook": "post_init_hook",
    "data": [
        # Security
        "security/ir.model.access.csv",
        "security/beneficiary_survey_rules.xml",
        # Data
        "data/survey_data.xml",
        "data/ir_config_parameter_data.xml",
        "data/ir_cron_data.xml",
        # Views
        "views/beneficiary_survey_result_views.xml",
        "views/beneficiary_survey_rule_views.xml",
        "views/beneficiary_survey_invitation_views.xml",
        "views/survey_survey_views.xml",
        "views/survey_user_input_line_views.xml",
        "views/beneficiary_policy_views.xml",
        "views/menus.xml",
        "views/portal_templates.xml",
        # Clauses: after everything they name
        "data/beneficiary.clause.part.csv",
        "data/beneficiary.clause.evidence.csv",
        "data/beneficiary_clause_data.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "beneficiary_survey/static/src/portal/**/*",
        ],
    },
}
