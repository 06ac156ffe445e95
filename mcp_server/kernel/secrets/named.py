"""Values that are secrets by what stands before them: a name, a header, a flag, the place in a URL or a netrc file.

Each pattern has the part before the value and the value; see `vendors` for the form of patterns. Letters outside
brackets match in either case.
"""

from typing import Final

from mcp_server.kernel.secrets.vendors import WORD_START

_WORDS: Final = (
    r"passw(or)?d|passphrase|passwort|pwd|secret|token|credentials?|_auth|[_-]pw|[_-]pass|[_-]pat|[_-]salt"
    r"|(db|user|root|smtp|mail|sql|admin|require)pass"
    r"|(api|app|application|access|account|secret|private|signing|encryption|master|license|service|consumer|deploy"
    r"|routing|integration|shared|subscription|admin|jwt|webhook|hmac|ingest|write|sdk|client|auth|session|crypt|cipher"
    r"|aes|functions?|agent|storage|bot|api_v[0-9])[ _.-]?key"
    r"|secret[_-]?(access[_-]?)?key([_-]?base)?|connection[_-]?string"
)
# The name of a member, variable or flag whose value is shown nowhere: wider than in `NAMED`, and not for `grep`.
NAME: Final = rf"({_WORDS}|api-?_?key|auth|cookie|bearer|session|private|\bkey\b)"
KEY: Final = rf"({_WORDS})[0-9]{{0,2}}([_-](prod|dev|test|live|staging|main|old|new|default|base|[0-9]{{1,2}}))?"
_BARE: Final = "[^\\s\"'`,;&<>()|\\\\]"
_QUOTE: Final = "([\\\\]{0,4}[\"']|&quot;|&#3[49];|%22)"
_IN_QUOTES: Final = "[^\"'`\\s\\\\&][^\"'`\\\\&]{3,}"
# `name=value`, `"name": "value"`, `name := value`, `name => 'value'`, also with quotes that are escaped.
_EQUALS: Final = rf"{_QUOTE}?[\]]?[ \t]*([?+.!=]{{0,2}}={{1,2}}|:|:{{1,3}}=|=>|%3D|%3A)[ \t]*"
_TYPED: Final = (
    r"[ \t]*:?[ \t]+[&]?[A-Za-z][\w.]{0,20}([\[<][\w |.]{0,20}[\]>])?([ \t]*[|][ \t]*[A-Za-z]+)?[ \t]*:?=[ \t]*"
)
# The name is an argument or an attribute of its own, and the value the next one.
_BESIDE: Final = rf"{_QUOTE}[ \t]*,?[ \t]*({_QUOTE}?value{_QUOTE}?[ \t]*[:=][ \t]*)?"
_KINDS: Final = "secret|apikey|token|pat|sk|live|prod|production"
_USER: Final = "(-u|--user|-U|--proxy-user)[ \t=]*[\"']?"

# A line without any of these has no named value; patterns without classes, in any case.
MARKS: Final = (
    *("pass", "pwd", "secret", "token", "credential", "auth", "[_-]pat", "[_-]salt", "key", "connection", "bearer"),
    *("basic", "cookie", " -u", "--user", "-user", " -p", " -a", "identified by", "://", "[_-]prod", "[_-]live"),
    *("[_-]sk[_-]", "jdbc:", "[?&;][A-Za-z-]+=", "^[^:]+:[0-9*]+:[^:]+:[^:]+:", "/user:", "[_-]pw"),
)

NAMED: Final = (
    (rf"{KEY}({_EQUALS}|{_TYPED}|{_BESIDE}){_QUOTE}", _IN_QUOTES),
    (rf"{KEY}{_EQUALS}`?", rf"{_BARE}{{5,}}"),
    (rf"<[\w.:-]{{0,30}}{KEY}>", rf"[^/\s\"'`<>$]{_BARE}{{4,}}"),
    (r"(passw(or)?d|passphrase|token)[(][ \t]*[\"']", _IN_QUOTES),
    (rf"{WORD_START}(env|setenv|setx|export|configure set)[ \t]+[\w.]*{KEY}[ \t]+[\"']?", rf"{_BARE}{{5,}}"),
    (rf"{WORD_START}(requirepass|masterauth)[ \t]+[\"']?", rf"{_BARE}{{5,}}"),
    (rf"(passw(or)?d|passphrase)[ \t]+(is|was)[ \t:]+{_QUOTE}?", rf"{_BARE}{{6,}}"),
    (rf"{WORD_START}pass[ \t]*=[ \t]*{_QUOTE}?", rf"{_BARE}{{5,}}"),
    (rf"--[\w-]*({_WORDS}|pass)([ \t]+|=)[\"']?", rf"{_BARE}{{5,}}"),
    (rf"authorization{_EQUALS}[\"']?[A-Za-z-]{{3,20}}[ \t]+", rf"{_BARE}{{6,}}"),
    (rf"authorization{_EQUALS}[\"']?", rf"{_BARE}{{12,}}"),
    ("(^|[^\\w])bearer[ \t]+", r"[\w.~+/=-]{12,}"),
    ("(^|[^\\w])basic[ \t]+", "[A-Za-z0-9+/]{12,}={0,2}"),
    (rf"cookie{_EQUALS}[\"']?[\w.-]{{1,60}}=", "[^\"'\\s;]{8,}([^\"'\\s]|; )*"),
    ("[\"']auth[\"'][ \t]*:[ \t]*[\"']", "[A-Za-z0-9+/]{12,}={0,2}"),  # Docker's config
    ("(login|user|account)[ \t]+[^\\s]{1,80}[ \t]+(password|passwd)[ \t]+", r"[^\s]{4,}"),
    ("^[ \t]*(password|passwd)[ \t]+", r"[^\s]{6,}"),
    (rf"(curl|http|https|xh|wget)[ \t](.{{0,200}}[ \t])?{_USER}[^\s:\"']{{0,64}}[\"']?:[\"']?", r"[^\s\"']{3,}"),
    (rf"^[ \t]+{_USER}[^\s:\"']{{0,64}}:", r"[^\s\"']{5,}"),
    ("(mysql|mariadb|mysqldump|mysqladmin)[ \t]([^|;]{0,160}[ \t])?-p[\"']?", rf"{_BARE}{{5,}}"),
    (
        "(sshpass|docker login|podman login|redis-cli|mongosh?)[ \t]([^|;]{0,160}[ \t])?-[pa][ \t]*[\"']?",
        rf"{_BARE}{{6,}}",
    ),
    (r"net use[ \t].{0,120}/user:[^\s]{1,64}[ \t]+", rf"{_BARE}{{5,}}"),
    ("(passin|passout|pass)[ \t=]pass:", rf"{_BARE}{{4,}}"),
    ("(identified by|with password|encrypted password)[ \t]+[\"']", "[^\"'\\s]{4,}"),
    (
        r"[?&;](key|sig|signature|code|auth|x-amz-signature|x-amz-security-token|x-goog-signature|apikey|pw|pass|sid)=",
        r"[\w%+/=.~-]{10,}",
    ),
    # A prefix that says what it is, before letters of either case and digits.
    (rf"(^|[^\w-])([A-Za-z][A-Za-z0-9]*[_-]){{1,4}}({_KINDS})[_-]", "[A-Za-z0-9]{24,}"),
    (r"jdbc:oracle:thin:[^\s/@]{1,64}/", r"[^\s@/]{4,}@"),
    (r"^[\w.*-]{1,64}:([0-9]{4,5}|[*]):[^\s:]{1,64}:[^\s:]{1,64}:", r"[^\s]{5,}"),  # .pgpass
    # A URL with a login; the password may contain an @, a colon and, before a host with a dot, a slash.
    (r"[a-z0-9+.-]://[^\s/:@?#\"'<>`]{0,128}:", "[^\\s/\"'<>`]{1,256}@"),
    (r"[a-z0-9+.-]://", r"[\w-]{20,128}@"),
    (r"(redis|rediss|amqps?|postgres|postgresql|mysql|mongodb)://[^\s/:@?#\"'<>`]{0,128}:", "[^\\s\"'<>`]{1,256}@"),
)

_NOTHING: Final = (
    r"none|null|nil|true|false|undefined|required|optional|string|unset|empty|missing|redacted|masked|hidden|changeme"
    r"|password[0-9]{0,3}!?|passwd|secret|token|pass|pw|username|user|postgres|root|admin|guest|scram-sha-256|todo|tbd|foo"
    r"|bar|n/a"
)
_WORD: Final = "([A-Za-z'-]|[^ -~])+"
_NAME: Final = "_*[a-z]+[0-9]{0,3}(_+([a-z]+[0-9]{0,3}|[0-9]{1,4}))*"
_EXTENSIONS: Final = "md|py|json|ya?ml|toml|txt|env|sh|js|ts|pem|key|html?|conf|ini|cfg|log|go|rs|enc|gpg|age"

# Values after a name that are no secrets. Upper and lower case differ here.
_HARMLESS_VALUES: Final = (
    rf"({_NOTHING}|{_NOTHING.upper()})",
    r"([Yy]our|YOUR|my|the|insert|INSERT|replace|REPLACE|enter)[ _-]?[A-Za-z _.-]*[0-9]{0,2}",
    r"([Ee]xample|EXAMPLE|sample|dummy|DUMMY|fake|FAKE|change-?_?me|CHANGE_?ME|placeholder|PLACEHOLDER|test)[\w.-]{0,16}",
    "[$][A-Za-z_({].*|[{<%]+[ ]?[A-Za-z_(.].*|@[A-Za-z_/][\\w./-]*",  # a reference or a template
    r"[\w-]*([.]{3}|[*]{3}|xxx|XXX|…).*|[*xX#_.-]+|[\[](redacted|REDACTED|secret|hidden|masked)[ \w]*[\]]?.*",
    r"[~.]{0,2}/([a-z0-9._-][a-z0-9._/-]*)?|[a-z0-9+]+://[^:@?=]*|(env|file|vault|ref|ssm|op):[A-Za-z/_.#-]*",
    rf"[\w./-]+[.]({_EXTENSIONS})|ENC[\[].*|(id|src|type|name|env|from|file)=.*|[!&*][A-Za-z_][\w ./|-]*",
    r"arn:[\w:/*-]*|[A-Za-z_.:>-]+[\[(][\w |,.:\[\"'-]*[\])]*[\w.]*",
    r"#[0-9A-Fa-f]{6}|[(].*|:[A-Za-z_:]*|[\[]\[^]?[0-9A-Za-z]-.*",
    r"_*[A-Z]{2,5}([A-Z][a-z]+)+|[a-z_]{3,}([.][a-z_]{3,})+[.][A-Z]\w*",
    r"_*[A-Za-z_]+[0-9]{0,5}([.][A-Z]?[a-z_]+[0-9]{0,5}([A-Z][a-z]+)*|[.][A-Z]{2,5}([A-Z][a-z]+)+)+",
    rf"{_WORD}([ ]+{_WORD}[,.!?]?)+|[A-Z]?([a-z]|[^ -~])+",  # words, of any script
    r"_*[a-z]+([_./:-]+[a-z]+)*[\[{.?!:*\]]*",  # a name in code
    r"[_]*[A-Z]+(_[A-Z]+)+[\[\]]?|[A-Z]{4,12}|([a-z]+[.])*_*[a-z]*([A-Z][a-z]+)+([.]_*[a-z]*([A-Z]?[a-z]+)*)*[\[\]}]*.{0,1}",
    rf"{_NAME}([.]{_NAME})*[\[\]]?|[A-Za-z_]+[0-9]{{0,3}}([.][A-Za-z_]+[0-9]{{0,3}})+|[A-Za-z0-9/+_-]*EXAMPLE[A-Z]*",
    r"[A-Za-z][A-Za-z _-]*[$]?[{(%<].*",  # words around a reference
    r"[0-9.,_]{1,7}[a-z%]?|v?[0-9]+[.][0-9]+[.][0-9.]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*",
)
_VALUE: Final = rf"[\\\"'`\[{{]*({'|'.join(_HARMLESS_VALUES)})[\\\"'`@.,!?}})\];: ]*$"
_BEFORE: Final = (
    r"[^=:]*([?+.!=]{0,2}={1,2}|:|:{1,3}=|=>|%3D|%3A)[ \t]*|([^=: \t]|[ \t]+[^=: \t-])*[ \t,(>]+|.?://[^\s/:@]*:|[a-z]+://[^\s/:@]*:"
    r"|.*[ \t](-u|--user|-U|--proxy-user|-p|-a)[ \t=]*[\"']?([^\s:]*:)?|.*(value[\"']?|[ \t][A-Za-z]+)[ \t]*:?=[ \t]*"
)
_SEGMENT: Final = "([a-z]{1,24}[0-9]{0,2}|[0-9]{1,4}[a-z]?)"
HARMLESS: Final = (
    rf"^({_BEFORE}){_VALUE}|://[A-Za-z_-]*@$",
    rf"^.?[\w-]*[_-]({_KINDS})[_-]([a-z0-9]*|[A-Z0-9]*|[a-z]*([A-Z][a-z]+)*[0-9]{{0,4}})$",
    r"^[Aa]uthorization[\"']?[ ]?[:=][ ]?[\"']?[A-Za-z-]+[ ]+([$<{%*.\[].*|[a-z]{1,11}|[A-Z_]+)$",
    r"^[Aa]uthorization[\"']?[ ]?[:=][ ]?[\"']?[A-Za-z-]+$|^secret:[\w/-]+$",
    "^.?[Bb][Aa][Ss][Ii][Cc][ \t]+[A-Za-z+/]*$",
    rf"^.?[Bb][Ee][Aa][Rr][Ee][Rr][ \t]+([A-Za-z.~+/=_-]*|({_SEGMENT}[./-])+{_SEGMENT})$",
    r"[?&;][a-z_-]+=[A-Za-z_.-]*$",
)

# A word of letters alone is a password only here, and if it is none of the PLACEHOLDERS.
WORDS: Final = (
    ("[A-Z0-9_]*(PASSW(OR)?D|PASSPHRASE|_PASS|_PWD)=[\"']?", rf"{_BARE}{{5,}}"),
    ("--(password|passwd|pass|passphrase)=[\"']?", rf"{_BARE}{{5,}}"),
    ("machine[ \t]+[^\\s]{1,80}[ \t]+login[ \t]+[^\\s]{1,80}[ \t]+password[ \t]+", r"[^\s]{4,}"),
    (rf"curl[ \t](.{{0,200}}[ \t])?{_USER}[^\s:\"']{{1,64}}:", "[A-Za-z]{5,}"),
    (r"[a-z0-9+]://[\w.-]{1,64}:", "[A-Za-z]{5,}@"),
    ("(echo|printf)[ \t]+[\"']?", "[^-$<>{(|&;\"'`\\\\\\s][^|]{4,}[|][^|]{1,120}--(password-stdin|with-token)"),
    (r"([Pp]assw(or)?d|[Tt]oken|[Ss]ecret|[Kk]ey)</key>[ \t]*<string>", rf"{_BARE}{{5,}}"),  # a property list
    (r"[\"'][\w-]{0,30}(password|passwd|passphrase)[\"'][ \t]*:[ \t]*[\"']", "[a-z]{6,}[\"']"),
    (r"^[ \t+-]*[\w.-]{0,30}(password|passwd|passphrase):[ \t]+[\"']?", r"[a-z]{6,}[\"']?[ \t\r]*$"),
)
_PLACEHOLDER: Final = (
    r"pass|PASS|Pass|pw|secret|SECRET|Secret|token|TOKEN|example|EXAMPLE|dummy|fake|test|change|CHANGE|your|YOUR|sample"
    r"|placeholder|guest|root|admin|postgres|user|USER|redact|mask|hidden|null|none|None|true|false|string|bytes|text"
    r"|field|input|label|required|optional|invalid|incorrect|wrong|missing|empty|forgot|confirm|reset|expired|hash|bcrypt"
    r"|argon|encrypt|plain|strong|secure|undefined|unset|default|value|parola|lozinka|wachtw|salasana"
)
PLACEHOLDERS: Final = (
    rf"[=: \t][\"']?([\w]*({_PLACEHOLDER})[\w]*|[A-Z_]+|[^\w]*)[\"'@,.!?; \t\r]*$",
    r"[=:@ \t][\"']?[$<{%*!&(~./\[\\][^=:@ \t]*$|[=:@ \t][\w.]*[(\[{<$][^=:@ \t]*$",  # a reference, a call
)

# The start of a word that may be no key; a key of Anthropic's (sk-ant-) is one whatever follows.
_NOT_ANTHROPIC: Final = (
    "sk-([b-z][a-z]*|a[a-mo-z][a-z]*|an[a-su-z][a-z]*|ant[a-z]+)?|[a-rt-z][a-z]{1,5}|s[a-jl-z][a-z]{0,4}|sk[a-z]{1,4}"
)
# What a pattern of `vendors` matches, and is no key: words, a documented example.
PLAIN: Final = (
    r"(^|[^\w])(sk-|s[.]|SG[.]|STS[.])[^0-9]*$",
    r"(^|[^\w])(fw|p[aru]l?f?|a[lk]|rnd|ion|cog|tss|csa|fc|rpa|apk|phc|lip|waka|pina|unkey|rootly|nyk|bk[a-z]+|[a-z]+_(live|test|sandbox|production))[_-][a-z_-]*$",
    rf"(^|[^\w-])({_NOT_ANTHROPIC}|xox[a-z]|[0-9]{{8,10}})[:_-]({_SEGMENT}[_-])+{_SEGMENT}$",
    r"AKIA[A-Z0-9]*EXAMPLE|[/]T?[X0]+[/]B?[X0]+[/][xX]+|(^|[^\w])[0-9]{8,10}:[^0-9]*$|atlasv1[.][^0-9]*$",
    r"services[/]([A-Z_]+[/]?)+$",
    r"(^|[^\w])[0-9a-f]{32}[.][a-z0-9]*$",
)
