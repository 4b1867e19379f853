"""What goes wrong in entrypoints, and the tests that show that it doesn't here.

The names are those of research into other tools: each is a complaint that some of them have had.
"""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent

PITFALLS = {
    "PID 1 drops signals that have no handler": [
        "test_moments.py::test_before_the_first_hook",
        "test_chain.py::test_signal_ends_hook_and_start",
    ],
    "TERM during a hook": [
        "test_chain.py::test_forwards_each_signal_to_whole_group",
        "test_chain.py::test_grace_period_then_kill",
        "test_chain.py::test_hook_that_handles_term_still_ends_start",
        "test_moments.py::test_between_hooks",
    ],
    "TERM between exec and the handlers of CMD": [
        "test_moments.py::test_just_before_exec",
        "test_init.py::test_term_right_after_the_hooks",
        "test_signals.py::test_dispositions_and_mask_are_as_found",
    ],
    "orphans and zombies of hooks": [
        "test_hook.py::test_orphans_are_reaped_before_command",
        "test_hook.py::test_orphans_are_reaped_during_hook",
        "test_hook.py::test_leftover_is_named_and_ended",
        "test_init.py::test_orphans_come_to_the_init",
    ],
    "the runtime's stop timeout": [
        "test_chain.py::test_grace_period_then_kill",
        "test_lane.py::test_deadline_of_the_whole_start",
        "plan/test_explain.py::test_worst_case",
    ],
    "a read-only root file system": [
        "test_environment.py::test_read_only_root_without_home_or_user",
        "secrets/test_secrets_descriptor.py::test_read_only_and_without_a_home",
        "render/test_output.py::test_read_only_and_full_file_systems",
        "secrets/test_secrets_file.py::test_on_a_disk",
    ],
    "a random user without a name or home": [
        "test_environment.py::test_read_only_root_without_home_or_user",
        "test_identity.py::test_number_without_an_entry",
    ],
    "dropping rights": [
        "test_identity.py::test_it_is_for_good",
        "test_identity.py::test_name",
        "test_identity.py::test_capabilities_that_stay",
        "secrets/test_secrets_file.py::test_owner",
    ],
    "exit statuses": [
        "test_execute.py::test_status_by_errno",
        "test_chain.py::test_hook_status_is_exit_status",
        "test_chain.py::test_killed_hook_gives_128_plus_signal",
        "test_init.py::test_exit_status",
    ],
    "output that is lost in buffers": ["test_chain.py::test_becomes_command_after_hook"],
    "a pipe that a background process keeps open": [
        "test_hook.py::test_daemon_in_its_own_session_is_left_alone",
        "test_lane.py::test_background_is_allowed_to_those_that_ask",
    ],
    "inherited dispositions and mask": [
        "test_signals.py::test_dispositions_and_mask_are_as_found",
        "test_signals.py::test_default_sigpipe_kills_the_writer",
        "test_signals.py::test_ignored_hup_is_not_forwarded",
        "test_signals.py::test_blocked_signal_stays_pending_for_command",
        "test_init.py::test_dispositions_and_mask_of_cmd",
    ],
    "descriptors": [
        "test_hook.py::test_descriptors",
        "test_hook.py::test_stdin_of_hook_is_empty",
        "test_hook.py::test_closed_standard_descriptors",
        "test_options.py::test_stdin_is_left_to_a_hook_that_asks",
    ],
    "the umask": [
        "test_execute.py::test_umask_is_untouched",
        "render/test_output.py::test_mode_is_exact_whatever_the_umask",
    ],
    "secrets in the environment": [
        "secrets/test_secrets_descriptor.py::test_nowhere_else",
        "secrets/test_secrets_descriptor.py::test_hooks_get_nothing",
        "secrets/test_secrets_variables.py::test_what_decides_which_code_runs",
    ],
    "a variable that is too long": [
        "test_handover.py::test_long_value_is_named_when_it_fails",
        "test_execute.py::test_too_long_variable_is_named",
    ],
    "quoting": [
        "test_words.py::test_agrees_with_shlex",
        "test_words.py::test_refuses_what_only_a_shell_understands",
        "test_execute.py::test_argv_is_byte_exact",
        "test_words.py::test_assignment_is_refused_without_its_value",
    ],
    "a script without #!": ["test_execute.py::test_status_by_errno"],
    "a terminal": [
        "test_terminal.py::test_ctrl_c_arrives_once",
        "test_terminal.py::test_foreground_goes_to_hook_and_to_command",
        "test_terminal.py::test_ctrl_z_under_a_shell",
        "test_init.py::test_ctrl_c_arrives_once",
    ],
    "one-off commands behind the same entrypoint": [
        "test_options.py::test_skip_by_name",
        "test_options.py::test_conditions",
        "test_options.py::test_skip_of_an_unknown_name_is_an_error",
        "plan/test_plan.py::test_condition",
    ],
    "the application's own PYTHON* variables": [
        "test_environment.py::test_python_variables_pass_and_do_no_harm",
        "test_launcher.py::test_imports_only_what_is_builtin",
    ],
    "a target that is bind-mounted": [
        "render/test_output.py::test_bind_mounted_file_is_written_in_place"
    ],
    "templates that leave things out in silence": [
        "render/test_render_cli.py::test_error_says_where_and_what_and_no_value",
        "render/test_render_step.py::test_a_similar_name",
    ],
    "a call of the key service for each value": [
        "test_whole_start.py::test_one_image_each_environment",
        "secrets/test_secrets_failures.py::test_term_while_a_key_service_is_asked",
    ],
    "exec excludes cleaning up": [
        "secrets/test_secrets_file.py::test_a_later_step_fails",
        "secrets/test_secrets_descriptor.py::test_workers_that_are_forked_and_started_anew",
        "secrets/test_secrets_descriptor.py::test_a_server_that_closes_descriptors",
    ],
    "a start that hangs in silence": [
        "test_log.py::test_long_running_hook_is_named",
        "test_chain.py::test_one_line_for_each_step",
    ],
}
# What no other tool of its kind has
GAPS = {
    "hooks in order, with time limits, retries, signals and reaping, that end in an exec": [
        "test_lane.py::test_retries_until_it_works",
        "test_lane.py::test_timeout_ends_the_whole_group",
        "test_chain.py::test_hooks_run_in_order_and_duplicates_stay",
    ],
    "exec, and an init where one is needed": ["test_init.py::test_orphans_are_reaped"],
    "from a key service to a descriptor or a tmpfs, without a shell or the environment": [
        "test_whole_start.py::test_one_image_each_environment",
        "secrets/test_secrets_file.py::test_on_a_tmpfs",
        "secrets/test_secrets_descriptor.py::test_node",
    ],
    "the assets manifest, checked": [
        "assets/test_assets_fetch.py::test_fetched",
        "assets/test_assets_fetch.py::test_what_is_no_manifest",
    ],
    "the whole start explained, nothing executed": [
        "plan/test_explain.py::test_nothing_runs",
        "secrets/test_secrets_plan.py::test_explain",
    ],
    "templates: atomic, strict, with the right mode": [
        "render/test_output.py::test_file_is_replaced_not_rewritten",
        "render/test_render_cli.py::test_nothing_is_written_if_one_template_fails",
    ],
    "secrets masked in its own lines": [
        "secrets/test_secrets_masked.py::test_lines_of_later_steps",
        "secrets/test_disguise.py::test_forms",
    ],
}


@pytest.mark.parametrize("pitfall", [*PITFALLS, *GAPS])
def test_is_tested(pitfall):
    """Each has tests, and these exist."""
    tests = {**PITFALLS, **GAPS}[pitfall]
    assert tests
    for test in tests:
        file, _, name = test.partition("::")
        tree = ast.parse((HERE / file).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test
