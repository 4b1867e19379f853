"""What tests ask of the emulator itself."""

from .state import Key


def controlled(state, call, fields):
    """Do what a control call asks; return what it answers."""
    with state.lock:
        return globals()[f"do_{call}"](state, **fields) or {}


def do_create_key(state, name, purpose):
    state.keys[name] = Key(name, purpose)


def do_rotate(state, name):
    state.keys[name].rotate()


def do_set_state(state, name, version, to):
    state.keys[name].states[version or state.keys[name].primary] = to


def do_grant(state, principal, permissions, key):
    state.grants.setdefault(principal, {})[key] = permissions


def do_know(state, principal, public_key):
    state.public_keys[principal] = public_key


def do_know_refresh_token(state, principal, token):
    state.refresh_tokens[token] = principal


def do_know_subject(state, principal, token):
    state.subjects[token] = principal


def do_set_metadata_principal(state, principal):
    state.metadata_principal = principal


def do_end_tokens(state):
    state.tokens = {token: (of, 0) for token, (of, _) in state.tokens.items()}


def do_fault(state, **fault):
    state.faults.append(fault)


def do_requests(state):
    return {"requests": state.requests}


def do_clear(state):
    state.clear()
