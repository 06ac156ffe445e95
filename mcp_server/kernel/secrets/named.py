"""Values that are secrets by what stands before them: a name, a header, a flag, the place in a URL or a netrc file.

Each pattern has the part before the value and the value; see `vendors` for the form of patterns. Letters outside
brackets match in either case.
"""

from typing import Final

_WORDS: Final = (
    r"passw(or)?d|passphrase|passwort|pwd|secret|token|credentials?|_auth|[_-]pass|[_-]pat|[_-]salt"
    r"|(api|app|application|access|account|secret|private|signing|encryption|master|license|service|consumer|deploy"
    r"|routing|integration|shared|subscription|admin|jwt|webhook|hmac|ingest|write)[ _.-]?key"
    r"|secret[_-]?(access[_-]?)?key([_-]?base)?|connection[_-]?string"
)
_KEY: Final = rf"({_WORDS})[0-9]{{0,2}}([_-](prod|dev|test|live|staging|main|old|new|default|base|[0-9]{{1,2}}))?"
_BARE: Final = "[^\\s\"'`,;&<>()|\\\\]"
# `name=value`, `"name": "value"`, `name := value`, `name => 'value'`, also with quotes that are escaped.
_EQUALS: Final = r"[\\]?[\"']?[\]]?[ \t]*(=|:|:=|=>|%3D)[ \t]*"
_FLAG: Final = "[ \t]+(-u|--user|-U|--proxy-user)[ \t=]*[\"']?"

NAMED: Final = (
    (rf"{_KEY}{_EQUALS}[\\]?[\"']", "[^\"'\\s\\\\][^\"'\\\\]{3,}"),
    (rf"{_KEY}{_EQUALS}", rf"{_BARE}{{5,}}"),
    (rf"--[\w-]*({_WORDS}|pass)([ \t]+|=)[\"']?", rf"{_BARE}{{5,}}"),
    (
        rf"authorization{_EQUALS}[\"']?(basic|bearer|token|digest|apikey|api-key|bot|key|splunk)[ \t]+",
        rf"{_BARE}{{6,}}",
    ),
    (rf"authorization{_EQUALS}[\"']?", rf"{_BARE}{{12,}}"),
    ("(^|[^\\w])bearer[ \t]+", r"[\w.~+/=-]{12,}"),
    ("(^|[^\\w])basic[ \t]+", "[A-Za-z0-9+/]{12,}={0,2}"),
    (rf"cookie{_EQUALS}[\"']?[\w.-]{{1,60}}=", "[^\"'\\s;]{8,}([^\"'\\s]|; )*"),
    ("(login|user|account)[ \t]+[^\\s]{1,80}[ \t]+(password|passwd)[ \t]+", r"[^\s]{4,}"),
    ("^[ \t]*(password|passwd)[ \t]+", r"[^\s]{6,}"),
    (rf"(curl|http|https|xh|wget)[ \t]([^\n]{{0,200}}[ \t])?{_FLAG[5:]}[^\s:\"']{{1,64}}:", r"[^\s\"']{3,}"),
    ("(mysql|mariadb|mysqldump|mysqladmin)[ \t]([^\\n|;]{0,160}[ \t])?-p[\"']?", rf"{_BARE}{{5,}}"),
    (
        "(sshpass|docker login|podman login|redis-cli|mongosh?)[ \t]([^\\n|;]{0,160}[ \t])?-[pa][ \t]*[\"']?",
        rf"{_BARE}{{6,}}",
    ),
    ("(passin|passout|pass)[ \t=]pass:", rf"{_BARE}{{4,}}"),
    ("(identified by|with password|encrypted password)[ \t]+[\"']", "[^\"'\\s]{4,}"),
    (
        r"[?&;](key|sig|signature|code|auth|x-amz-signature|x-amz-security-token|x-goog-signature|apikey|pw|pass|sid)=",
        r"[\w%+/=.~-]{10,}",
    ),
    # A URL with a login; the password may contain an @, a colon and, before a host with a dot, a slash.
    (r"[a-z0-9+.-]://[^\s/:@?#\"'<>`]{0,128}:", "[^\\s/\"'<>`]{1,256}@"),
    (r"[a-z0-9+.-]://", r"[\w-]{20,128}@"),
    (r"(redis|rediss|amqps?|postgres|postgresql|mysql|mongodb)://[^\s/:@?#\"'<>`]{0,128}:", "[^\\s\"'<>`]{1,256}@"),
)

_NOTHING: Final = (
    r"none|null|nil|true|false|undefined|required|optional|string|unset|empty|missing|redacted|masked|hidden|changeme"
    r"|password[0-9]{0,3}!?|passwd|secret|token|pass|pw|username|user|postgres|root|admin|guest|todo|tbd|foo|bar|n/a"
)
_EXTENSIONS: Final = "md|py|json|ya?ml|toml|txt|env|sh|js|ts|pem|key|html?|conf|ini|cfg|log|go|rs|enc|gpg|age"

# Values after a name that are no secrets. Upper and lower case differ here.
_HARMLESS_VALUES: Final = (
    rf"({_NOTHING}|{_NOTHING.upper()})",
    r"([Yy]our|YOUR|my|the|insert|INSERT|replace|REPLACE|enter)[ _-]?[A-Za-z _.-]*[0-9]{0,2}",
    r"([Ee]xample|EXAMPLE|sample|dummy|DUMMY|fake|FAKE|change-?_?me|CHANGE_?ME|placeholder|PLACEHOLDER|test)[\w.-]{0,16}",
    "[$][A-Za-z_({].*|[{<%]+[ ]?[A-Za-z_(.].*|@[A-Za-z_/][\\w./-]*",  # a reference or a template
    r"[\w-]*([.]{3}|[*]{3}|xxx|XXX|…).*|[*xX#_.-]+|[\[](redacted|REDACTED|secret|hidden|masked)[ \w]*[\]]?.*",
    r"[~.]{0,2}/[a-z0-9._/-]*|[a-z0-9+]+://[^:@?=]*|(env|file|vault|ref|ssm):[A-Za-z/_.-]*|arn:[\w:/*-]*",
    rf"[\w./-]+[.]({_EXTENSIONS})|ENC[\[].*|(id|src|type|name|env|from|file)=.*|[!&*][A-Za-z_].*",
    r"[A-Za-z_.]+[\[(][\w |,.:\[]*[\])]?|#[0-9A-Fa-f]{6}|[(][?].*|[\[]\[^]?[0-9A-Za-z]-.*",
    r"[A-Z]{2,5}([A-Z][a-z]+)+|_*[A-Za-z_]+[0-9]{0,5}([.][A-Z]?[a-z_]+[0-9]{0,5}([A-Z][a-z]+)*|[.][A-Z]{2,5}([A-Z][a-z]+)+)+",
    r"[A-Z]?[a-z]+([ ]+[a-z]+[,.]?)*|_*[a-z]+([_./:-]+[a-z]+)*[\[{.?!:*\]]*",  # words, a name in code
    r"[_]*[A-Z]+(_[A-Z]+)+[\[\]]?|[A-Z]{4,12}|([a-z]+[.])*_*[a-z]*([A-Z][a-z]+)+([.]_*[a-z]*([A-Z]?[a-z]+)*)*[\[\]}]*.{0,1}",
    r"[a-z_]+([.][a-z_0-9]+)+[\[\]]?|[a-z]+_[a-z_0-9]+[\[\]]?",
    r"[0-9.,_]{1,7}[a-z%]?|v?[0-9]+[.][0-9]+[.][0-9.]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*",
)
_VALUE: Final = rf"[\\\"'\[{{]*({'|'.join(_HARMLESS_VALUES)})[\\\"'@.,!?]*$"
_SEGMENT: Final = "([a-z]+[0-9]{0,2}|[0-9]{1,4}[a-z]?)"
HARMLESS: Final = (
    rf"^[^=:]*(=|:|:=|=>|%3D)[ \t]*{_VALUE}",
    rf"^.?://[^\s/:@]*:{_VALUE}|^[a-z]+://[^\s/:@]*:{_VALUE}|://[A-Za-z_-]*@$",
    rf"^.*[ \t](-u|--user|-U|--proxy-user|-p|-a)[ \t=]*[\"']?([^\s:]*:)?{_VALUE}",
    rf"^(--[\w-]+|.*[ \t]password|password)[ \t]+{_VALUE}",
    r"^[Aa]uthorization[\"']?[ ]?[:=][ ]?[\"']?[A-Za-z-]+[ ]+([$<{%*.\[].*|[a-z]{1,11})$",
    r"^[Aa]uthorization[\"']?[ ]?[:=][ ]?[\"']?[A-Za-z-]+$|^secret:[\w/-]+$",
    "^.?[Bb][Aa][Ss][Ii][Cc][ \t]+[A-Za-z+/]*$",
    rf"^.?[Bb][Ee][Aa][Rr][Ee][Rr][ \t]+([A-Za-z.~+/=_-]*|({_SEGMENT}[./-])+{_SEGMENT})$",
    r"[?&;][a-z_-]+=[A-Za-z_.-]*$",
)

# What a pattern of `vendors` matches, and is no key: words, a documented example.
PLAIN: Final = (
    r"(^|[^\w])(sk-|s[.]|SG[.])[^0-9]*$",
    rf"(^|[^\w])(sk-(proj|admin|service|svcacct|lf)|xox[a-z]|fw|hf|pa|ak|rnd|pul|re|ops|[0-9]{{8,10}})[:_-]({_SEGMENT}[_-])+{_SEGMENT}$",
    r"AKIA[A-Z0-9]*EXAMPLE|[/]T?[X0]+[/]B?[X0]+[/][xX]+|(^|[^\w])[0-9]{8,10}:[^0-9]*$|atlasv1[.][^0-9]*$",
)
