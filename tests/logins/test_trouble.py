"""What states and hazards of logins mean for people, and what a refresh reports, from stores as values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mcp_server.clients import claude, codex, gemini
from mcp_server.kernel.finding import Hazard
from mcp_server.kernel.secret import Secret
from mcp_server.logins import refresh_result, trouble
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.claude_login import State, parse, with_expiry
from mcp_server.logins.codex_and_gemini import parse_gemini
from mcp_server.logins.consolidation import copies_of
from mcp_server.logins.store import Store, copied, is_abandoned

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STORE = Store(
    Path("/home/a b/.claude/.credentials.json"),
    "healthy",
    NOW + timedelta(hours=6),
    NOW + timedelta(days=2),
    "g1",
    ("opus-1",),
    login_command="claude, then /login",
)
CODEX = replace(STORE, client="codex", path=Path("/home/a b/.codex/auth.json"), login_command="codex login")


def hazard(code: str, *agents: str) -> Hazard:
    return Hazard(code, agents, f"message of {code}", f"step of {code}")


def in_state(state: State, store: Store = STORE) -> Store:
    return replace(store, state=state)


def test_copies_and_links_are_to_be_fixed_before_a_login_and_other_hazards_after_it() -> None:
    hazards = [hazard("shadowed_login"), hazard("copied_login", "opus-1", "opus-2"), hazard("symlinked_store")]
    found = trouble.troubles([in_state("blanked")], hazards)
    assert [each.key.split()[0] for each in found] == ["copied_login", "symlinked_store", "blanked", "shadowed_login"]
    assert found[0] == trouble.Trouble(
        "copied_login opus-1,opus-2", "message of copied_login", "step of copied_login"
    )
    assert found[2].key == f"blanked {STORE.path}"


@pytest.mark.parametrize("state", ["healthy", "access_lapsed", "busy"])
def test_a_login_that_is_renewed_is_no_trouble_and_no_finding(state: State) -> None:
    assert trouble.troubles([in_state(state)], []) == ()
    assert list(trouble.concerns([in_state(state)], [], NOW)) == []


@pytest.mark.parametrize("state", ["absent", "blanked", "login_expired", "unreadable"])
def test_a_login_that_no_agent_uses_is_no_trouble(state: State) -> None:
    unused = replace(STORE, state=state, agents=())
    assert trouble.troubles([unused], []) == ()
    assert list(trouble.concerns([unused], [], NOW)) == []
    assert len(trouble.troubles([in_state(state)], [])) == 1


def test_nobody_logs_in_to_an_empty_store_that_all_its_sessions_are_to_leave() -> None:
    store = replace(STORE, state="absent", agents=("opus-1", "opus-2"))
    leaving = [hazard("restart_needed", "opus-1", "opus-2", "pm-1")]
    assert is_abandoned(store, leaving)
    assert [each.key for each in trouble.troubles([store], leaving)] == ["restart_needed opus-1,opus-2,pm-1"]
    assert [c.finding.code for c in trouble.concerns([store], leaving, NOW)] == ["restart_needed"]
    assert not is_abandoned(store, [hazard("restart_needed", "opus-1")])
    for other in ("shadowed_login", "copied_login"):
        assert not is_abandoned(store, [hazard(other, "opus-1", "opus-2")])
    assert not is_abandoned(replace(store, state="blanked"), leaving)
    assert not is_abandoned(replace(store, agents=()), leaving)


@pytest.mark.parametrize(
    ("state", "code", "severity"),
    [
        ("login_ending", "login_ending", "warning"),
        ("login_expired", "login_expired", "critical"),
        ("blanked", "blanked", "critical"),
        ("absent", "login_absent", "critical"),
        ("unreadable", "login_unreadable", "warning"),
    ],
)
def test_each_state_that_needs_a_person_is_a_finding(state: State, code: str, severity: str) -> None:
    (concern,) = trouble.concerns([in_state(state)], [], NOW)
    assert (concern.agents, concern.finding.code, concern.finding.severity) == (("opus-1",), code, severity)


@pytest.mark.parametrize("code", ["copied_login", "shadowed_login", "store_in_git", "restart_needed"])
def test_a_hazard_that_can_lose_or_leak_a_login_is_critical(code: str) -> None:
    (concern,) = trouble.concerns([], [hazard(code, "opus-1")], NOW)
    assert (concern.finding.severity == "critical") == (code != "restart_needed")
    assert concern.agents == ("opus-1",)


def test_an_access_token_that_ran_out_is_a_finding_while_claude_code_can_renew_it() -> None:
    due = replace(STORE, state="access_lapsed", access_expires_at=NOW)
    assert [c.finding.code for c in trouble.concerns([due], [], NOW)] == ["access_lapsed"]
    ending = replace(due, state="login_ending")
    assert [c.finding.code for c in trouble.concerns([ending], [], NOW)] == ["login_ending", "access_lapsed"]
    for other in (
        replace(due, generation=None),
        replace(due, client="codex"),
        replace(due, state="login_expired"),
        replace(due, access_expires_at=None),
        replace(due, access_expires_at=NOW + timedelta(hours=6)),
    ):
        assert not other.is_due(NOW)


def test_the_next_step_of_a_login_that_ends_says_when() -> None:
    ending = in_state("login_ending")
    assert trouble.login_step(ending) == "A human logs in before 2026-03-03 12:00 UTC: claude, then /login"
    assert trouble.login_step(in_state("blanked")) == "A human logs in: claude, then /login"
    assert trouble.login_step(replace(ending, login_expires_at=None)) == "A human logs in: claude, then /login"
    assert trouble.login_step(in_state("login_ending", CODEX)) == "A human logs in: codex login"
    assert trouble.login_step(in_state("unreadable")) == f"Look at it: ls -la '{STORE.path}'"


def test_the_message_says_when_a_login_ends_and_what_the_problems_are() -> None:
    def message(store: Store) -> str:
        return trouble.troubles([store], [])[0].message

    assert message(in_state("login_ending")) == f"the login in {STORE.path} ends soon: 2026-03-03 12:00 UTC"
    assert message(in_state("login_expired")) == f"the login in {STORE.path} has ended"
    assert message(replace(STORE, state="unreadable", problems=("no right", "no disk"))) == "no right; no disk"


def test_the_state_of_an_agent_is_the_worst_of_its_logins() -> None:
    other = replace(STORE, agents=("pm-1",), state="blanked")
    login = AgentLogin("opus-1", "claude", "shared", "the host's login", STORE.folder)
    assert trouble.state_for(login, [STORE, other]) == "healthy"
    assert trouble.state_for(login, [STORE, in_state("absent"), other]) == "absent"
    assert trouble.state_for(replace(login, agent="qa-1"), [STORE, other]) is None
    assert trouble.state_for(replace(login, kind="long_lived"), [other]) == "long_lived"


def test_a_client_is_started_with_the_variables_that_lead_to_its_login() -> None:
    own, token = Path("/srv/a/.gemini"), Secret("made-up")

    def variables(login: AgentLogin) -> dict[str, str]:
        return {name: value.reveal() for name, value in login.variables.items()}

    assert variables(AgentLogin("opus-1", "claude", "own", "", own)) == {claude.STORE_DIR: str(own)}
    assert variables(AgentLogin("codex-1", "codex", "own", "", own)) == {codex.HOME_VARIABLE: str(own)}
    assert variables(AgentLogin("gemini-1", "gemini", "own", "", own)) == {gemini.HOME_VARIABLE: "/srv/a"}
    assert variables(AgentLogin("opus-1", "claude", "unknown", "")) == {}
    assert variables(AgentLogin("opus-1", "claude", "long_lived", "", own)) == {}
    long_lived = AgentLogin("opus-1", "claude", "long_lived", "", own, token=token)
    assert variables(long_lived) == {claude.LONG_LIVED: "made-up"}


def test_only_a_login_in_more_than_one_store_of_a_client_that_rotates_is_copied() -> None:
    second = replace(STORE, path=Path("/srv/x/.credentials.json"))
    assert copied([STORE, second, replace(second, generation="g2")]) == {"g1": (STORE, second)}
    assert copied([replace(STORE, generation=None), replace(second, generation=None)]) == {}
    assert copied([replace(STORE, client="gemini"), replace(second, client="gemini")]) == {}
    assert copied([CODEX, replace(CODEX, path=Path("/srv/x/auth.json"))]).keys() == {"g1"}


@pytest.mark.parametrize(
    ("state", "outcome", "message"),
    [
        ("blanked", "needs_login", "the server refused the login and Claude Code emptied it"),
        ("absent", "needs_login", "nobody is logged in here"),
        ("login_expired", "needs_login", "the login is past its end"),
        ("unreadable", "failed", "no right; no disk"),
    ],
)
def test_a_login_that_no_renewal_helps_is_reported_with_its_reason(state: State, outcome: str, message: str) -> None:
    result = refresh_result.dead(replace(STORE, state=state, problems=("no right", "no disk")), is_link=False)
    assert (result.outcome, result.message) == (outcome, message)


def test_a_store_that_is_a_link_is_refused_and_a_missing_one_asks_for_a_login() -> None:
    linked = refresh_result.dead(in_state("unreadable"), is_link=True)
    assert (linked.outcome, linked.next) == ("refused", f"Remove the link: rm '{STORE.path}'")
    assert refresh_result.dead(in_state("absent"), is_link=True).outcome == "needs_login"


def test_a_run_counts_as_a_renewal_if_the_token_or_its_expiry_changed() -> None:
    later = replace(STORE, access_expires_at=NOW + timedelta(hours=8))
    assert refresh_result.renewed(STORE, later).outcome == "refreshed"
    assert refresh_result.renewed(STORE, replace(STORE, generation="g2")).outcome == "refreshed"
    assert refresh_result.renewed(STORE, replace(STORE, generation="g0")).outcome == "refreshed"
    assert refresh_result.renewed(STORE, STORE).outcome == "not_needed"
    assert refresh_result.renewed(STORE, in_state("busy")).outcome == "in_progress"
    assert refresh_result.renewed(STORE, STORE).next is None
    assert "2026-03-03" in (refresh_result.renewed(STORE, in_state("login_ending", later)).next or "")


def at(folder: str, generation: str, hours: int, account: str | None = None, *agents: str) -> Store:
    path, until = Path(folder) / ".credentials.json", NOW + timedelta(hours=hours)
    changes = {"generation": generation, "access_expires_at": until, "account": account, "agents": agents}
    return replace(STORE, path=path, **changes)


def plan(host: Store, *copies: Store) -> list[tuple[str, str, str]]:
    """Each copy of the plan: its folder, its state, and the folder that stays. Each agent uses its own copy."""
    uses = {name: copy.folder for copy in copies for name in copy.agents}
    return [(str(c.path.parent), c.state, str(c.stays)) for c in copies_of((host, *copies), uses)]


def of_b(*accounts: str | None) -> tuple[Store, Store]:
    first, second = accounts or (None, None)
    return at("/srv/a", "g1", 6, first, "opus-1"), at("/srv/b", "g1", 5, second, "opus-2")


def test_copies_of_the_hosts_login_go_whatever_the_accounts_are_said_to_be() -> None:
    gone = [("/srv/a", "planned", "/host"), ("/srv/b", "planned", "/host")]
    assert plan(at("/host", "g1", 4), *of_b()) == gone
    assert plan(at("/host", "g1", 4, "A"), *of_b("A", "B")) == gone


@pytest.mark.parametrize(
    ("state", "hours", "stays"),
    [
        ("healthy", 7, "/host"),
        ("healthy", 6, "/host"),
        ("healthy", 5, "/srv/a"),
        ("access_lapsed", 6, "/host"),
        ("login_ending", 6, "/host"),
        ("busy", 6, "/host"),
        ("blanked", 7, "/srv/a"),
        ("login_expired", 7, "/srv/a"),
    ],
)
def test_older_copies_of_the_hosts_account_go_only_if_the_host_is_alive_and_no_older(
    state: State, hours: int, stays: str
) -> None:
    host = replace(at("/host", "other", hours, "A"), state=state)
    assert {found[2] for found in plan(host, *of_b("A", "A"))} == {stays}


@pytest.mark.parametrize("accounts", [("B", "B"), (None, "B"), (None, None), ("A", "B")])
@pytest.mark.parametrize("host", ["A", None])
def test_another_account_or_one_that_is_not_known_is_never_replaced_by_the_hosts(
    accounts: tuple[str | None, str | None], host: str | None
) -> None:
    assert plan(at("/host", "other", 9, host), *of_b(*accounts)) == [("/srv/b", "held", "/srv/a")]


def test_where_the_host_has_no_living_login_one_copy_stays_where_it_is() -> None:
    for state in ("blanked", "absent", "login_expired"):
        host = replace(at("/host", "other", 9), state=state, generation=None)
        assert plan(host, *of_b()) == [("/srv/b", "planned", "/srv/a")]


def test_a_copy_goes_once_its_agent_is_given_the_store_that_stays() -> None:
    host, (first, second) = at("/host", "other", 9, "A"), of_b("B", "B")
    uses = {"opus-1": second.folder, "opus-2": second.folder}  # as fleet.toml says
    (copy,) = copies_of((host, first, second), uses)
    assert (copy.path.parent, copy.state, copy.stays) == (first.folder, "planned", second.folder)


def test_the_reason_for_a_copy_that_is_held_says_which_account_would_be_lost() -> None:
    uses = {"opus-1": Path("/srv/a"), "opus-2": Path("/srv/b")}
    (other,) = copies_of((at("/host", "o", 9, "A"), *of_b("B", "B")), uses)
    assert (other.problem or "").endswith("opus-2 would use the host's login: another account")
    (unknown,) = copies_of((at("/host", "o", 9), *of_b("B", "B")), uses)
    assert "not known to be the same" in (unknown.problem or "")


def test_only_copies_of_claudes_login_are_set_aside() -> None:
    other = replace(CODEX, path=Path("/srv/x/auth.json"))
    assert copies_of((replace(STORE, generation="g0"), CODEX, other), {}) == ()


def test_logins_in_the_keychain_are_told_once_and_are_no_trouble() -> None:
    kept = [in_state("in_keychain"), replace(STORE, state="in_keychain", agents=("pm-1",))]
    assert trouble.troubles(kept, []) == ()
    assert len(trouble.in_keychain(kept)) == 1
    (concern,) = trouble.concerns(kept, [], NOW)
    assert (concern.agents, concern.finding.severity) == (("opus-1", "pm-1"), "notice")
    assert trouble.in_keychain([STORE]) == ()


def test_another_expiry_is_read_back_and_the_rest_stays() -> None:
    until = NOW + timedelta(hours=1)
    data = b'{"claudeAiOauth": {"accessToken": "a", "refreshToken": "r", "expiresAt": 5}, "x": 1}\n'
    login = parse(changed := with_expiry(data, until))
    assert login is not None
    assert login.access_expires_at == until
    assert b'"x": 1' in changed


def test_a_file_of_gemini_without_a_token_holds_no_login() -> None:
    assert parse_gemini(b'{"other": 1}') is None
    assert parse_gemini(b'{"access_token": "a"}') is not None
    timed = parse_gemini(b'{"access_token": "a", "refresh_token": "b", "expiry_date": 1772366400000}')
    assert timed is not None
    assert timed.access_expires_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
