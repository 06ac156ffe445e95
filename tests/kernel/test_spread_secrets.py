"""Values on another line than their name, and in cells of tables."""

import pytest

from mcp_server.kernel.secrets.detector import scrub

SECRET = "Kq7fdPE0S!9x"  # made up
NAME_ABOVE = (
    "password: |\n  {}",
    '"client_secret":\n    "{}",',
    "<password>\n  {}\n</password>",
    "+token: >-\n+    {}",
)
TABLES = (
    "host,user,password\ndb1,app,{}\ndb2,app,{}",
    "| user | api key |\n| --- | --- |\n| bob | {} |",
    "id;secret\n1;{}",
)
PAIRS = ("| token | {} |", "db_password,{}", "Password:\n{}")
INNOCENT = (
    "password: |\n  See the page about logins",
    "secret:\n  secretName: tls-cert-2024",
    "Password:\nroot@web-01:~#",
    "Generate a token:\nops-1/Docs2",
    "<password>\n  <encrypted/>\n</password>",
    "name,token,count\nlexer,parser2,12",
    "| Variable | Secret |\n| --- | --- |\n| DB1 | yes |",
    "| token | ~/.config/Tok2.json |",
    "| password | ${DB_PASSWORD2} |",
    "a, token, b2C3d4e",
    "| name | text |\n| --- | --- |\n| token | the token |\n| s3Bucket | x |",
)


@pytest.mark.parametrize("text", NAME_ABOVE + TABLES + PAIRS)
def test_a_secret_apart_from_its_name_is_redacted_and_the_text_around_it_stays(text: str) -> None:
    assert scrub(text.replace("{}", SECRET)) == text.replace("{}", "[redacted]")


@pytest.mark.parametrize("text", INNOCENT)
def test_words_below_or_beside_the_name_of_a_secret_stay(text: str) -> None:
    assert scrub(text) == text


def test_a_long_table_of_names_takes_no_time_that_grows_with_its_square() -> None:
    table = "token," * 30_000 + "\n" + "| token | a |\n" * 20_000
    assert scrub(table) == table


@pytest.mark.parametrize("command", ["docker login -u bot --password-stdin", "gh auth login --with-token"])
def test_a_secret_that_is_piped_to_a_login_is_redacted(command: str) -> None:
    assert scrub(f"echo {SECRET} | {command}") == "echo [redacted]"
    assert scrub(f'echo "$TOKEN" | {command}') == f'echo "$TOKEN" | {command}'


def test_a_bots_token_and_a_short_name_of_a_password_are_known() -> None:
    assert scrub("bot110201543:" + "AAHk4" * 7) == "[redacted]"
    assert scrub(f"shop_pw={SECRET}") == "shop_pw=[redacted]"
