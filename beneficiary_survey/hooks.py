def post_init_hook(env):
    """Give the adopted policies their survey rules, at the first install."""
    env["beneficiary.policy"]._top_up()
