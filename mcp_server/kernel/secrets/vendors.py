"""Keys that are recognised by their own form: a vendor's prefix, a structure, or an address that contains the key.

A pattern is in the subset that Python and `grep -E` share: `\\w`, `\\s` and a tab only inside brackets, nothing that
looks ahead or behind.
Lengths are below those of whole keys, so that a key that was cut off is found too.
"""

from typing import Final

_HEX, _WORD = "[0-9a-fA-F]", "[A-Za-z0-9]"

WORD_START: Final = r"(^-?|[^\w-]|[\\][nrt]|[\[][0-9;]{0,8}m)"

_PREFIXES: Final = (
    r"AIK_(CI|SECRET)|apify_api|sk_car|csa|CCDB1|dd[op]|dvc_(server|mobile|client)|cog|essu|ion|llx|mdb_sa_sk|nyk"
    r"|os_v2_(app|org)|pdl_(live|sdbx)_apikey|persona_(production|sandbox)|pcsk|pina|polar_[a-z]{2,3}|prf|ramp_sec|rootly"
    r"|rpa|rzp_(live|test)|samsara_api|tss|ucat|unkey|vtwn|waka|wandb_v1|xnd_(production|development)|zpka|packagist_[a-z]{3}"
    r"|apk(_user)?|mergify_application_key|mercury_(production|sandbox)_[a-z]+|aact_(prod|hmlg)|tvly(-dev)?|fc"
    r"|gcntfy-[a-z0-9_]+|api_live(_us|_ca)?|wrka[a-z]{0,2}|phc|key_live|whsk|sntr"
)

# Found wherever they stand, also in the middle of a word: nothing else contains them.
ANYWHERE: Final = (
    r"sk-ant-[a-z]{2,10}[0-9]{2}-[\w-]{6,}",  # Anthropic: OAuth access and refresh tokens, API and admin keys
    r"gh[pousr]_[A-Za-z0-9]{10,}|github_pat_[\w]{10,}",
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|b3BlbnNzaC1rZXktdjE[\w+/=]*|PuTTY-User-Key-File-[0-9]",
    r"AGE-SECRET-KEY-1[A-Za-z0-9]{10,}",
    r"(hooks[.]slack[.]com|hooks[.]slack-gov[.]com)/(services|workflows|triggers)/[\w/+-]{16,}",
    r"discord(app)?[.]com/api/(v[0-9]+/)?webhooks/[0-9]{8,}/[\w-]{16,}",
    r"webhook[.]office[.]com/webhookb2/[\w@/-]{30,}|hooks[.]zapier[.]com/hooks/catch/[0-9]+/[\w]+",
    r"api[.]telegram[.]org/(file/)?bot[0-9]{6,}:[\w-]{10,}",
    r"(AccountKey|SharedAccessKey|SharedAccessSignature|SharedSecretValue)=[\w+/=%.& -]{16,}",  # Azure
    rf"xkeysib-{_HEX}{{16,}}|xsmtpsib-{_HEX}{{16,}}",
    r"maker[.]ifttt[.]com/trigger/[\w-]{1,64}/(json/)?with/key/[\w-]{16,}|open[.](feishu[.]cn|larksuite[.]com)/open-apis/bot/v2/hook/[\w-]{16,}",
    r"outlook[.]office(365)?[.]com/webhook/[\w@/-]{30,}|hc-ping[.]com/[\w-]{30,}|incoming[+][\w.+-]{0,80}-[a-z0-9]{20,}-issue",
    r"([Mm]nemonic|MNEMONIC|[Ss]eed[_ -]?[Pp]hrase|SEED_PHRASE)[\"']?[ ]?[:=][ ]?[\"']?([a-z]{3,8} ){11,}[a-z]{3,8}",
    rf"{_WORD}{{14}}[.]atlasv1[.][\w=-]{{10,}}",
)

# Only at the beginning of a word: `disk-`, `task-` and `risk-` end like a key's prefix.
AT_A_WORD: Final = (
    r"eyJ[\w-]{10,}[.][\w-]{8,}[\w.-]*",  # JSON web token
    # Models
    r"sk-(proj|svcacct|admin|None|service|or-v[0-9]{1,3}|api|lf|litellm)-[\w-]{16,}|sk-[\w-]{48,}",
    rf"sk-[\w-]{{0,30}}T3BlbkFJ{_WORD}{{4,}}|sk-{_WORD}{{20,}}|sess-{_WORD}{{40}}|csk-{_WORD}{{20,}}",
    rf"(xai|gsk|pplx|nvapi|fw|tgp_v1|r8|hf|api_org|jina|voyage|pa|al|ak)[_-]{_WORD}[\w-]{{19,}}|BSA[\w-]{{24,}}",
    rf"lsv2_(pt|sk)_{_HEX}{{16,}}|sk_{_HEX}{{40,}}|{_HEX}{{32}}[.][A-Za-z0-9]{{16}}",
    # Google and its neighbours
    r"AIza[\w-]{20,}|ya29[.][\w-]{16,}|1//0[\w-]{20,}|4/0A[\w-]{30,}|GOCSPX-[\w-]{10,}|AQ[.]A[\w-]{30,}",
    # Clouds and hosting
    r"(AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{10,16}|ABSK[\w+/=]{40,}|bedrock-api-key-[\w+/=]{20,}|amzn[.]mws[.][\w-]{20,}",
    r"[\w~.-]{3}[0-9]Q~[\w~.-]{20,}",
    r"(LTAI|AKID)[A-Za-z0-9]{12,}|STS[.][A-Za-z0-9]{16,}|SWM(TKN|KEY)-1-[A-Za-z0-9+/-]{40,}|AstraCS:[A-Za-z0-9]{20,}[\w:]*",
    rf"do[oprt]_v1_{_HEX}{{16,}}|fo1_[\w-]{{16,}}|fm[12][abcdr]?_[\w+/=,-]{{16,}}|HRKU-[\w-]{{16,}}",
    r"(rnd|nfp|napi|vc[piakr]|sbp|pul|cfut|cfat|cfk|rwsk|koyeb)[_-][A-Za-z0-9][\w-]{15,}|v1[.]0-[0-9a-f]{24}-[0-9a-f]{16,}",
    r"sb_secret_[\w-]{16,}|pscale_(tkn|pw|oauth)_[\w.=-]{16,}|tskey-[a-z]+-[\w-]{10,}|sha256~[\w-]{30,}",
    # Code, packages and builds
    r"gl(pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct|wt)-[\w.-]{10,}|GR1348941[\w-]{16,}|_gitlab_session=[\w]{16,}",
    r"npm_[A-Za-z0-9]{16,}|pypi-Ag[\w-]{10,}|pypi-[\w-]{50,}|rubygems_[0-9a-f]{16,}|CLOJARS_[a-z0-9]{20,}",
    r"cio[A-Za-z0-9]{32}|oy2[a-z0-9]{43}|dckr_(pat|oat)_[\w-]{10,}|AKCp[A-Za-z0-9]{30,}|cmVmd[A-Za-z0-9]{40,}",
    r"dp[.](pt|st|ct|sa|scim|audit|said)[.][\w.-]{16,}|bk[a-z]{2,3}_[\w-]{30,}|CCI(PAT|PRJ)_[\w]{16,}|sgp_[\w]{20,}",
    r"ATATT3[\w=-]{16,}|ATAT[\w=-]{100,}|ATCTT3[\w=-]{16,}|ATBB[\w]{20,}|ATTA[0-9a-f]{30,}|BBDC-[\w+/=]{20,}|sq[aup]_[0-9a-f]{30,}",
    r"snyk_[a-z]{3}[.][\w.-]{16,}|tfp_[\w-]{30,}|figd_[\w-]{16,}|PMA[KT]-[A-Za-z0-9-]{16,}|pat[A-Za-z0-9]{14}[.][0-9a-f]{20,}",
    # Chat and mail
    r"xox[abcdeoprs]-[\w%-]{8,}[\w%/+=-]*|xox[be][.]xox[bp]-[\w-]{8,}|xapp-[0-9]-[\w-]{8,}",
    r"[MNO][\w-]{22,27}[.][\w-]{6}[.][\w-]{20,}",  # Discord
    r"(bot)?[0-9]{8,10}:[\w-]{34,36}",  # Telegram
    r"SK[0-9a-fA-F]{32}|SG[.][\w-]{10,}[.][\w-]{10,}|SG[.][\w-]{20,}|key-[0-9a-f]{32}|[0-9a-h]{32}-[0-9a-h]{8}-[0-9a-h]{8}|[0-9a-f]{32}-us[0-9]{1,2}",
    r"mlsn[.][A-Za-z0-9]{30,}|re_[A-Za-z0-9]{6,}_?[A-Za-z0-9]{14,}",
    # Payments and shops
    r"(sk|rk)_(live|test|prod)_[A-Za-z0-9]{8,}|whsec_[\w+/=-]{16,}|shp(at|ss|ca|pa|tka)_[0-9A-Fa-f]{16,}",
    r"sq0[a-z]{3}-[\w-]{16,}|EAAA[\w-]{50,}|access_token[$]production[$][0-9a-z]{10,}[$][0-9a-f]{16,}|EZ[AT]K[A-Za-z0-9]{40,}",
    r"FLWSECK(_TEST)?-[\w-]{12,}|EAA[A-Za-z0-9]{60,}|[0-9]{15,16}[|][\w-]{27,40}|lip_[\w]{16,}|AAAA[\w-]{7}:APA91b[\w-]{20,}|AQE[A-Za-z0-9]{30,}[\w+/=.-]*",
    # Watching, secrets, identity, work
    r"hv[sbr][.][\w-]{10,}|s[.][A-Za-z0-9]{24}|ops_[\w+/=-]{40,}|A3-[A-Z0-9]{6}-[A-Z0-9]{5,11}-[A-Z0-9-]{16,}",
    r"gl(sa|c)_[\w+/=]{16,}|NR(AK|JS|II|RA|SP|BR)-[A-Za-z0-9-]{16,}|sntry[su]_[\w+/=-]{16,}",
    r"dt0[a-z][0-9]{2}[.][A-Za-z0-9]{24}[.][A-Za-z0-9]{16,}",
    r"lin_(api|oauth)_[A-Za-z0-9]{16,}|ntn_[A-Za-z0-9]{16,}|secret_[A-Za-z0-9]{40,}|PRIVATE-TOKEN:?[ ]+[\w.-]{12,}",
    r"SSWS[ ]+[\w-]{20,}|sl[.](u[.])?[\w-]{60,}|CFPAT-[\w-]{20,}",
    r"[012]/[0-9]{16}(/[0-9]{16})?[:/][0-9a-f]{32}",
    r"dapi[0-9a-f]{30,}(-[0-9])?|dnkey-[\w-]{30,}|p8e-[a-z0-9]{30,}|ico-[A-Za-z0-9]{30,}|s-s4t2(ud|af)-[0-9a-f]{30,}|tk-us-[\w]{30,}",
    r"(duffel|shippo|lob)_(test|live)_[\w=-]{30,}|fio-u-[\w=-]{30,}|sm_[aps]at_[A-Za-z0-9]{16,}|rdme_[a-z0-9]{30,}|pnu_[A-Za-z0-9]{30,}",
    r"access-(sandbox|development|production)-[0-9a-f-]{30,}|API-[A-Z0-9]{26}|[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
    r"phx_[\w-]{30,}|pk_[0-9]{6,}_[A-Z0-9]{20,}|pat-(na|eu)[0-9]-[0-9a-f-]{30,}|sk[.]eyJ[\w.-]{20,}",
    r"(eyJrIjoi|eyJtaXJv|ZXlKaGJHY2lPaU|ZXlKMGVYQWlPaU)[\w+/=-]{20,}|[ps]at[.][\w-]{22}[.][0-9a-f]{24}[.][\w]{16,}",
    r"00[A-Za-z0-9]{13}![\w.-]{30,}|[A-Za-z0-9+/]{22}==:[A-Za-z0-9]{32}|(sdk|mob|api)-[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
    rf"({_PREFIXES})[._-][A-Za-z0-9][\w=+/-]{{13,}}",
    r"configcat-sdk-1/[\w-]{22}/[\w-]{16,}|cnvca[\w-]{40,}|EXO[A-Za-z0-9]{24,}|4b1d[A-Za-z0-9]{38}",
)
