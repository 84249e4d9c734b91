{
    "name": "Beneficiary Aid: Payment Orders",
    "summary": "Pay a batch of disbursements by a payment order (pain.001)",
    "version": "19.0.1.0.0",
    "category": "Services/Beneficiaries",
    "author": "Beneficiary Relations contributors",
    "license": "AGPL-3",
    "development_status": "Beta",
    "depends": ["beneficiary_aid", "account_payment_order"],
    "auto_install": True,
    "data": [
        "views/beneficiary_disbursement_batch_views.xml",
    ],
}
