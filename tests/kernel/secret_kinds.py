"""Made-up secrets of many kinds, put together from parts, and settings in which they stand. None was ever issued."""

import random
import re
import string
from pathlib import Path
from typing import Final

_WORD, _HEX, _UPPER = string.ascii_letters + string.digits, "0123456789abcdef", string.ascii_uppercase + string.digits
SETTINGS: Final = (
    "{}",
    "before {} after",
    'key = "{}"',
    '{{"value": "{}", "n": 1}}',
    "2026-11-01T09:30:00Z ERROR worker: rejected {} (401)",
    "line\\n{}\\nline",
)


def _picked(length: int, letters: str = _WORD) -> str:
    """The same characters for each run, with a digit at the end."""
    return "".join(_PICK.choice(letters) for _ in range(length - 1)) + "7"


_PICK: Final = random.Random(16)
KINDS: Final = {
    "anthropic oauth": "«sk-" + f"ant-oat01-{_picked(90)}AA»",
    "anthropic refresh": "«sk-" + f"ant-ort01-{_picked(90)}AA»",
    "anthropic admin": "«sk-" + f"ant-admin01-{_picked(90)}AA»",
    "anthropic cut off": "«sk-" + f"ant-api03-{_picked(9)}»",
    "openai project": "«sk-" + f"proj-{_picked(60)}»",
    "openai old": "«sk-" + f"{_picked(20)}T3Blbk" + f"FJ{_picked(20)}»",
    "deepseek": "«sk-" + f"{_picked(32, _HEX)}»",
    "openrouter": "«sk-" + f"or-v1-{_picked(64, _HEX)}»",
    "xai": "«xai" + f"-{_picked(80)}»",
    "groq": "«gsk" + f"_{_picked(52)}»",
    "hugging face": "«hf" + "_" + "".join(_PICK.choice(string.ascii_letters) for _ in range(34)) + "»",
    "perplexity": "«pplx" + f"-{_picked(48)}»",
    "replicate": "«r8" + f"_{_picked(37)}»",
    "google api": "«AIza" + f"Sy{_picked(33)}»",
    "google access": "«ya29" + f".a0{_picked(60)}»",
    "google refresh": "«1/" + f"/0{_picked(60)}»",
    "google client": "«GOC" + f"SPX-{_picked(28)}»",
    "github": "«gh" + f"p_{_picked(36)}»",
    "github cut off": "«gh" + f"s_{_picked(12)}»",
    "github fine": "«github" + f"_pat_{_picked(22)}_{_picked(59)}»",
    "gitlab": "«gl" + f"pat-{_picked(20)}»",
    "gitlab deploy": "«gl" + f"dt-{_picked(20)}»",
    "npm": "«np" + f"m_{_picked(36)}»",
    "pypi": "«pyp" + f"i-AgEIcHlwaS5vcmc{_picked(60)}»",
    "rubygems": "«ruby" + f"gems_{_picked(48, _HEX)}»",
    "docker hub": "«dck" + f"r_pat_{_picked(27)}»",
    "aws id": "«AK" + f"IA{_picked(16, _UPPER)}»",
    "aws secret": f"aws_secret_access_key = «{_picked(20)}/{_picked(19)}»",
    "azure storage": "AccountName=x;Account" + f"Key=«{_picked(86)}==»;EndpointSuffix=core",
    "azure sas": f"https://x.blob.core.windows.net/c?sv=2024&sp=r&sig=«{_picked(40)}%3D»",
    "azure client": "«" + _picked(3) + f"8Q~{_picked(34)}»",
    "azure bus": "Endpoint=sb://x/;SharedAccessKeyName=r;SharedAccess" + f"Key=«{_picked(43)}=»",
    "stripe": "«sk_" + f"live_{_picked(24)}»",
    "stripe restricted": "«rk_" + f"live_{_picked(24)}»",
    "stripe webhook": "«wh" + f"sec_{_picked(32)}»",
    "shopify": "«shp" + f"at_{_picked(32, _HEX)}»",
    "square": "«sq0" + f"csp-{_picked(43)}»",
    "slack bot": "«xo" + f"xb-{_picked(12, '0123456789')}-{_picked(24)}»",
    "slack app": "«xap" + f"p-1-A{_picked(9, _UPPER)}-1234567890123-{_picked(64, _HEX)}»",
    "slack webhook": "https://hooks.slack.com/ser" + f"vices/«T{_picked(8)}/B{_picked(8)}/{_picked(24)}»",
    "discord bot": "«M" + f"{_picked(23)}.{_picked(6)}.{_picked(38)}»",
    "discord webhook": "https://discord.com/api/web" + f"hooks/123456789012345678/«{_picked(68)}»",
    "telegram": "«123456789" + f":AA{_picked(33)}»",
    "twilio": "«S" + f"K{_picked(32, _HEX)}»",
    "twilio by name": f"TWILIO_AUTH_TOKEN=«{_picked(32, _HEX)}»",
    "sendgrid": "«S" + f"G.{_picked(22)}.{_picked(43)}»",
    "mailgun": "«ke" + f"y-{_picked(32, _HEX)}»",
    "vault": "«hv" + f"s.{_picked(24)}»",
    "age": "«AGE-SEC" + f"RET-KEY-1{_picked(58, _UPPER)}»",
    "digitalocean": "«do" + f"p_v1_{_picked(64, _HEX)}»",
    "fly": "FlyV1 «fm" + f"2_{_picked(100)}»",
    "linear": "«lin" + f"_api_{_picked(40)}»",
    "notion": "«nt" + f"n_{_picked(46)}»",
    "notion old": "«secr" + f"et_{_picked(43)}»",
    "datadog by name": f"DD_API_KEY: «{_picked(32, _HEX)}»",
    "grafana": "«gl" + f"sa_{_picked(32)}_{_picked(8, _HEX)}»",
    "new relic": "«NR" + f"AK-{_picked(27, _UPPER)}»",
    "sentry": "«snt" + f"ryu_{_picked(64, _HEX)}»",
    "tailscale": "«tsk" + f"ey-auth-{_picked(17)}-{_picked(32)}»",
    "databricks": "«da" + f"pi{_picked(32, _HEX)}»",
    "plaid": "«acc" + f"ess-sandbox-{_picked(8, _HEX)}-{_picked(4, _HEX)}-{_picked(24, _HEX)}»",
    "doppler": "«dp." + f"pt.{_picked(43)}»",
    "atlassian": "«ATA" + f"TT3xFfGF0{_picked(180)}»",
    "figma": "«fig" + f"d_{_picked(40)}»",
    "postman": "«PM" + f"AK-{_picked(24, _HEX)}-{_picked(34, _HEX)}»",
    "supabase": "«sb" + f"p_{_picked(40, _HEX)}»",
    "planetscale": "«psc" + f"ale_tkn_{_picked(43)}»",
    "terraform": "«" + _picked(14) + ".atlas" + f"v1.{_picked(64)}»",
    "ops bearer": "«op" + f"s_{_picked(43)}»",
    "json web token": "«ey" + "JhbGciOiJIUzI1NiJ9.ey" + f"JzdWIiOiJ4In0.{_picked(43)}»",
    "json web token cut off": "«ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiJ4»",
    "private key line": "«-----BEGIN RSA " + "PRIVATE KEY-----»",
    "password variable": f"DB_PASSWORD=«{_picked(12)}»",
    "short password": "DB_PASSWORD=«hunter2x»",
    "pgpassword": f"PGPASSWORD=«{_picked(12)}!» psql -h db",
    "yaml": f"client_secret: «{_picked(24)}»",
    "python": f"api_key = '«{_picked(24)}»'",
    "escaped json": f'{{\\"password\\": \\"«{_picked(14)}»\\"}}',
    "flag": f"app --password=«{_picked(12)}» start",
    "flag and space": f"app --api-key «{_picked(20)}» start",
    "netrc": f"machine git.test login ops password «{_picked(12)}»",
    "cookie": f"Cookie: session=«{_picked(40)}»",
    "basic": f"Authorization: Basic «{_picked(24)}==»",
    "bearer": f"authorization: bearer «{_picked(30)}»",
    "x-api-key": f"x-api-key: «{_picked(30)}»",
    "vault header": f"X-Vault-Token: «{_picked(24)}»",
    "url parameter": f"GET /v1/me?access_token=«{_picked(30)}»&x=1",
    "curl": f"curl -u ops:«{_picked(12)}» https://git.test/x",
    "url login": f"postgres://app:«{_picked(16)}»@db.test/x",
    "url without user": f"redis://:«{_picked(10)}»@cache.test:6379/0",
    "url with an at sign": f"amqp://app:«{_picked(6)}@{_picked(6)}»@mq.test/x",
    "url token": f"https://«{_picked(40)}»@git.test/x.git",
    "mysql": f"mysql -h db -u app -p«{_picked(12)}» shop",
    "sql": f"CREATE USER app IDENTIFIED BY '«{_picked(12)}»'",
}
"Name and text. The part that must not stay is between « and »."

_LETTERS: Final = {
    "w": _WORD,
    "h": _HEX,
    "u": _UPPER,
    "l": string.ascii_lowercase + string.digits,
    "b": _WORD + "+/",
    "s": _WORD + "_-",
    "a": string.ascii_letters,
    "d": string.digits,
}


def _filled(template: str) -> str:
    text = template.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")
    return re.sub(
        "⟨([0-9]+)([a-z])⟩",
        lambda found: (
            "".join(_PICK.choice(_LETTERS[found[2]]) for _ in range(int(found[1]) - 1))
            + ("z" if found[2] == "a" else "7")
        ),
        text,
    )


MORE_SETTINGS: Final = (
    "{}",
    "  value: {}",
    "see https://host.test/p/{} now",
    "He pasted {}.",
    "a\r\n{}\r\nb",
    "b'GET\\r\\nx: {}\\r\\n'",
    "+{}",
    "use `{}` here",
    "\x1b[31m{}\x1b[0m",
    "'{}'",
)
MORE_KINDS: Final = {
    name: _filled(template)
    for name, template in (
        line.split("\t") for line in (Path(__file__).parent / "more_kinds.txt").read_text().splitlines()
    )
}
"Those whose name begins with ^ are found at the beginning of a line alone."
