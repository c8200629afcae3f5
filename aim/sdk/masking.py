r"""Finds secrets in names, values, command lines, variables and diffs, and masks them before anything is recorded.

The rules are the tables below. TOKENS has the formats that issuers of tokens publish, for example
https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats,
https://docs.gitlab.com/security/tokens/#token-prefixes, https://docs.stripe.com/keys, https://api.slack.com/authentication/token-types,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html and the help page of PyPI on API tokens. The kinds of
secrets follow the lists of rules of gitleaks (https://github.com/gitleaks/gitleaks) and detect-secrets
(https://github.com/Yelp/detect-secrets). Each repeat is bounded or begins at a word, so masking takes linear time.
"""  # noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple


class Rule:
    """A pattern that is compiled when a text first needs it: importing `aim` must not wait for all of them."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._of = pattern, flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(*self._of), name)
        setattr(self, name, method)
        return method


MASK = "***"
VALUE_CHARACTERS = 1 << 12
_RANDOM_CHARACTERS = 100

TOKENS = (
    r"gh[pousr]_[A-Za-z0-9]{16,}", r"github_pat_\w{12,}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct)-[\w-]{12,}", r"GR1348941[\w-]{16,}",
    r"xox[abeoprs]-[\w-]{12,}", r"xoxe\.xox[bp]-[\w-]{12,}", r"xapp-[\w-]{16,}",
    r"[rs]k_(?:live|test|prod)_\w{10,}", r"whsec_\w{16,}",
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}", r"LTAI[A-Za-z0-9]{12,}", r"AKID[A-Za-z0-9]{13,}",
    r"AIza[\w-]{16,}", r"ya29\.[\w-]{16,}", r"GOCSPX-[\w-]{16,}",
    r"aim_[0-9a-f]{12}_[\w-]{43}",
    r"hf_[A-Za-z0-9]{16,}", r"api_org_[A-Za-z0-9]{16,}", r"sk-(?!learn)[\w-]{16,}", r"gsk_[A-Za-z0-9]{16,}",
    r"r8_[A-Za-z0-9]{16,}", r"pplx-[A-Za-z0-9]{16,}", r"xai-[A-Za-z0-9]{16,}", r"fw_[A-Za-z0-9]{16,}",
    r"nvapi-[\w-]{16,}", r"jina_\w{16,}", r"tvly-[\w-]{16,}", r"pcsk_\w{16,}", r"lsv2_(?:pt|sk)_\w{16,}",
    r"wandb_v1_\w{16,}", r"KGAT_\w{16,}", r"rpa_[A-Z0-9]{16,}", r"e2b_[0-9a-f]{16,}", r"dapi[0-9a-f]{32}",
    r"npm_[A-Za-z0-9]{20,}", r"pypi-Ag[\w-]{16,}", r"rubygems_[0-9a-f]{32,}", r"cio[A-Za-z0-9]{32}",
    r"oy2[a-z0-9]{43}", r"CLOJARS_[a-z0-9]{40,}", r"dckr_(?:pat|oat)_[\w-]{16,}",
    r"SG\.[\w-]{16,}\.[\w-]{16,}", r"SK[0-9a-f]{32}", r"key-[0-9a-f]{32}",
    r"do[opr]_v1_[0-9a-f]{32,}", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}", r"sq0(?:atp|csp|idp)-[\w-]{20,}",
    r"EAAA[\w-]{50,}", r"EAA[A-Za-z0-9]{60,}", r"AT(?:ATT|CTT)3[\w=-]{20,}", r"lin_api_\w{16,}",
    r"ntn_[A-Za-z0-9]{20,}", r"secret_[A-Za-z0-9]{40,}", r"figd_[\w-]{16,}",
    r"dp\.(?:pt|st|ct|sa|scim|audit)\.\w{16,}", r"hv[sbr]\.[\w-]{16,}",
    r"pul-[0-9a-f]{40}", r"pscale_(?:tkn|pw|oauth)_[\w.-]{16,}", r"PMAK-[0-9a-f-]{20,}",
    r"NR(?:AK|JS|II|RA)-[\w-]{16,}", r"glc_\w{16,}", r"glsa_\w{16,}", r"sntry[su]_[\w=/+]{16,}",
    r"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{32,}",
    r"pat-(?:na|eu)\d-[0-9a-f-]{20,}", r"sl\.[\w-]{60,}", r"AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    r"sbp_[0-9a-f]{20,}", r"sb_secret_\w{16,}", r"HRKU-[\w-]{16,}", r"nfp_\w{16,}", r"bkua_[0-9a-f]{20,}",
    r"CCIPAT_\w{16,}", r"sq[apu]_[0-9a-f]{32,}", r"pn[bu]_[A-Za-z0-9]{20,}", r"dt0[a-z]\d\d\.\w{16,}\.\w{16,}",
    r"EZ[AT]K\w{20,}", r"aio_\w{20,}", r"shippo_(?:live|test)_[0-9a-f]{20,}", r"tfp_[\w-]{20,}", r"rdme_[a-z0-9]{32,}",
    r"FLWSECK(?:_TEST)?-\w{12,}", r"access-(?:sandbox|development|production)-[0-9a-f-]{20,}", r"CFPAT-[\w-]{20,}",
    r"sha256~[\w-]{20,}", r"ops_eyJ[\w-]{20,}", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{40,}", r"FlyV1\s[\w+/=,-]{20,}",
    r"csk-[a-z0-9]{40,}", r"tgp_v1_[\w-]{30,}", r"sk_[0-9a-f]{40,}", r"fc-[0-9a-f]{32}",
    r"a[ks]-(?=[A-Za-z]{0,21}\d)[A-Za-z0-9]{22}(?!\w)", r"ak_(?=[\w-]{0,30}\d)(?=[\w-]{0,30}[A-Z])[\w-]{20,}",
    r"secret_\w{10,60}_[0-9a-f]{32}\.[A-Za-z0-9]{32}", r"eyJ(?:hcGlf|hdXRocyI6)[\w+/-]{20,}={0,2}",
    r"ATBB[A-Za-z0-9]{24,}",
    r"1//0[\w-]{40,}", r"vc[apikr]_[A-Za-z0-9]{24,}", r"rnd_[A-Za-z0-9]{24,}", r"napi_[a-z0-9]{40,}",
    r"mdb_sa_sk_[\w-]{20,}", r"4b1d[A-Za-z0-9]{38}", r"cflt[\w+/]{40,}={0,2}", r"dose[0-9a-f]{32}",
    r"xkeysib-[0-9a-f]{40,}-\w{10,}", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}", r"mlsn\.[0-9a-f]{40,}",
    r"hca?ik_[a-z0-9]{40,}",
    r"ph[xs]_[A-Za-z0-9]{40,}", r"(?:api|mob|ms|sdk)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", r"lin_oauth_\w{16,}",
    r"\d/\d{14,18}:[0-9a-f]{32}", r"pk_\d{6,12}_[A-Z0-9]{32}", r"dp\.st\.[\w-]{2,35}\.\w{16,}",
    r"st\.[0-9a-f]{24}(?:\.[0-9a-f]{32}){1,2}", r"AGE-(?:SECRET-KEY-PQ|PLUGIN-[A-Z0-9]{2,20})-1[A-Z0-9]{20,}",
    r"tskey-[a-z]{3,12}-\w{8,40}-\w{8,}", r"[12][A-Za-z0-9]{26}_[A-Za-z0-9]{20,}", r"AKCp[A-Za-z0-9]{60,}",
    r"cmVmd[A-Za-z0-9]{55,}", r"(?:live|test)_[0-9a-f]{32}", r"pa-(?=[\w-]{0,42}\d)[\w-]{43}(?![\w-])",
    r"BSA(?=[\w-]{0,27}\d)[\w-]{28}(?![\w-])", r"bb_(?:live|test)_[\w-]{20,}", r"agent:[\w-]{1,40}:[0-9a-f]{32}",
    r"snyk_[us]at\.[0-9a-f]{8}\.[\w-]{40,}", r"bkct_\w{20,}", r"sk(?=[A-Za-z]{0,60}\d)[A-Za-z0-9]{80}(?!\w)",
    r"AAAA[\w-]{7}:APA91b[\w-]{40,}", r"00(?=[\w-]{0,39}[A-Z])(?=[\w-]{0,39}[a-z])[\w-]{40}(?![\w-])",
    r"secret-(?:live|test)-[\w=-]{20,}", r"fio-u-[\w-]{40,}", r"duffel_(?:live|test)_[\w-]{20,}",
    r"dG9r[A-Za-z0-9+/]{50,}={0,2}", r"AQVN[\w-]{35,38}(?![\w-])", r"t1\.[\w-]{40,120}={0,2}\.[\w-]{60,}",
    r"bce-v3/ALTAK-[A-Za-z0-9]{16,40}/[0-9a-f]{40}", r"AKLT[A-Za-z0-9]{40,}",
    r"[0-9a-f]{32}\.(?=[A-Za-z]{0,15}\d)[A-Za-z0-9]{16}(?!\w)",
    r"fm[12]_[\w+/=-]{20,}", r"(?:sk\.)?eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?",
)  # fmt: skip

# Names are compared in lower case, with `_` between words and around them: `API-Key` and `apiKey` are `_api_key_`.
# Values of STRONG names are always secret. Those of WEAK names are, unless they are a number, a flag or a placeholder.
_OWNERS = (
    "api|app|application|access|account|admin|auth|authentication|client|cipher|crypt|decryption|deploy|encryption|gpg|"
    "hmac|host|ingest|instrumentation|integration|jwt|licen[cs]e|master|pgp|private|project|registration|root|rest|rsa|"
    "secret|server|service|session|shared|shared_?access|signing|ssh|ssl|storage|subscription|tls|webhook|write|"
    "ai21|algolia|anthropic|aws|azure|cerebras|clearml|cloudflare|cohere|comet|dagshub|databricks|datadog|dd|deepgram|"
    "deepseek|digitalocean|elastic|elevenlabs|exa|fal|fireworks|gcp|gemini|github|gitlab|google|groq|heroku|hf|"
    "huggingface|kaggle|labelbox|lambda|langchain|langfuse|langsmith|mailchimp|mailgun|mapbox|minio|mistral|mlflow|modal|"
    "neptune|newrelic|ngc|nvidia|openai|openrouter|perplexity|pinecone|pusher|qdrant|replicate|roboflow|runpod|s3|"
    "fernet|pre_?shared|scaleway|sendgrid|sentry|serp|serper|serpapi|slack|stability|stripe|supabase|tavily|telegram|together|twilio|"
    "vercel|voyage|wandb|weaviate|xai|youtube"
)
_LOGINS = (
    "admin|ansible|auth|amqp|become|cert|db|docker|elastic|email|es|ftp|git|http|https|imap|jenkins|kafka|key|keystore|"
    "ldap|login|mail|mongo|mqtt|my|mysql|nexus|pem|pg|postgres|proxy|rabbit|redis|registry|root|smtp|sonar|sql|ssh|sudo|"
    "svn|truststore|user|vault|vpn|wifi|wp"
)
STRONG = (
    r"secret(?!ar)", r"passw", r"pass_?phrase", r"pass_?code", r"_pw_", r"_pwd_", r"^_pass_$",
    r"credential", r"_creds?_", r"api_?keys?_", r"access_?keys?_", r"account_?keys?_", r"_private_?keys?_",
    r"_key_data_", r"_psk_", r"_master_?auth_",
)  # fmt: skip
# With a text that such a name contains.
STRONG_WITH = (("key", rf"_(?:{_OWNERS})_?keys?_"), ("pass", rf"_(?:{_LOGINS})_?pass_"),
               ("pw", rf"_(?:bind|{_LOGINS})_?pw_"))  # fmt: skip
WEAK = (
    r"tokens?_", r"auth(?!or(?!i[sz]))", r"_private_", r"cookie", r"_bearer_", r"_jwt_", r"_t?otp_", r"_mfa_code_",
    r"sess(?:ion)?_?id_", r"_salt_", r"_webhook", r"_sas_", r"_pin_code_", r"_pass_$",
    r"^_pat_$", r"_(?:ado|azure|devops|gh|github|gitlab|hub)_?pat_",
)  # fmt: skip
# Tokens of language models, switches, and public halves.
OPEN = (
    r"_(?:added|audio|begin|bos|byte|char|class|cls|completion|control|decoder|dist|encoder|end|eos|extra|first|forced|"
    r"generated|generation|image|input|label|last|mask|max|min|n|new|next|num|output|pad|padding|patch|per|placeholder|"
    r"prompt|query|reasoning|register|sep|soft|source|special|start|stop|sub|suppress|target|text|thinking|time|total|"
    r"trigger|unk|video|virtual|vision|vocab|word)_tokens?_",
    r"_tokens?_(?:acc|accuracy|budget|classification|count|counter|counts|delimiter|dim|drop|dropout|embeddings?|ids|"
    r"index|indices|labels?|len|lengths?|level|limit|loss|masks?|merg\w+|mix\w+|num|number|parallelism|pattern|per|"
    r"positions?|pruning|rate|separator|shift|size|strategy|throughput|types?|weights?|wise)_",
    r"^_(?:add|allow|disable|enable|has|is|needs?|no|requires?|save|show|skip|use|with|without)_",
    r"_(?:all|backward|band|by|final|first|forward|full|high|low|max|multi|n|num|one|per|render|second|single|two)_pass_",
    r"_public_", r"_auth_(?:mode|method|type|backend|provider|url|uri|role)_",
)  # fmt: skip
_STRONG, _WEAK, _OPEN = (Rule("|".join(table)) for table in (STRONG, WEAK, OPEN))
_KEY = Rule(r"_keys?_$")
_OPEN_KEY = Rule(
    r"_(?:cache|column|context|dict|foreign|group|hash|idempotency|image|index|input|join|label|lookup|metric|output|"
    r"partition|primary|pub|public|row|sort|state|text)_keys?_$"
)
_CHECKSUM = Rule(r"_(?:checksum|commit|digest|hash|md5|rev|revision|sha\d*)_")
_DIGEST = Rule(r"\b(?:sha\d{1,3}|md5)[:=-][A-Za-z0-9+/]{20,}|(?<=/)[0-9a-f]{32,}(?=/|$)")
_CAMEL = Rule(r"(?<=[a-z0-9])(?=[A-Z])")
_APART = Rule(r"[^A-Za-z0-9]+")
_NOT_SECRET = Rule(
    r"[-+]?[\d._,]*(?:e[-+]?\d+)?|true|false|yes|no|on|off|none|null|nil|auto|default|required|optional|basic|bearer|"
    r"<.*>|\[.*\]|\*+|\.{3}|…",
    re.IGNORECASE | re.DOTALL,
)
_PLACEHOLDER = Rule(r"\$\w+|\$?\{.*\}\}?|\$\(.*|<[^<>]*>|%\w+%|%\(\w+\)s|%s|\*+|x{3,}|\.{3}|…", re.IGNORECASE)

# Each has a group `secret`, and a text that it is looked for only where this stands, in lower case.
CONTEXTS = (
    ("q~", r"(?<!\w)(?P<secret>[\w~.]{3}\dQ~[\w~.-]{30,})"),
    ("-us", r"\b(?P<secret>[0-9a-f]{32}-us\d{1,2})\b"),
    (":aa", r"\b(?P<secret>\d{8,10}:AA[\w-]{30,})"),
    (".atlasv1.", r"\b(?P<secret>[a-z0-9]{14}\.atlasv1\.[\w-]{20,})"),
    ("authorization", r"authorization\\?[\"']?\s{0,4}(?:[:,]\s{0,4}\\?[\"']?|=\s{0,4}[\"'])(?:[a-z][\w-]{2,20}\s{1,4})?"
                      r"(?P<secret>[^\s\"',;{}$<>\\]{6,})"),
    ("bearer", r"\bbearer\s{1,4}(?P<secret>[\w.~+/=-]{12,})"),
    ("authorization", r"authorization\s{1,4}[\"'](?:[a-z][\w-]{2,20}\s{1,4})?(?P<secret>[^\s\"'$]{6,500})[\"']"),
    ("-h ", r"(?<!\S)-H\s{1,4}[\"'](?P<name>[\w-]{1,80}):\s{0,4}(?P<secret>[^\"'\n]{1,500})[\"']"),
    ("--header", r"--header[\s=]{1,4}[\"'](?P<name>[\w-]{1,80}):\s{0,4}(?P<secret>[^\"'\n]{1,500})[\"']"),
    ("curl", r"\bcurl\b[^\n]{0,200}?\s(?:-b|--cookie)[\s=]{1,4}[\"'][\w.-]{1,60}=(?P<secret>[^\"'\n]{1,500})[\"']"),
    ("login", r"\blogin\s{1,8}\S{1,200}\s{1,8}(?:account\s{1,8}\S{1,200}\s{1,8})?password\s{1,8}(?P<secret>\S{1,500})"),
    ("password", r"^[+\- ]?\s{0,40}password\s{1,8}(?P<secret>\S{1,500})\s{0,8}$"),
    ("identified", r"\bidentified\s{1,4}(?:with\s{1,4}\S{1,80}\s{1,4})?by\s{1,4}[\"'](?P<secret>[^\"'\n]{1,500})[\"']"),
    ("password", r"(?<![\w-])[\w-]{0,40}password\s{1,4}(?P<quote>[\"'])(?P<secret>[^\"'\n]{1,500})(?P=quote)"),
    ("-password", r"\b(?:insecure|encrypted)-password\s{1,4}(?P<secret>[^\s\"']{1,500})"),
    ("password", r"\bpassword\s{1,4}for\s{1,4}\S{1,120}\s{0,4}=\s{0,4}[\"'](?P<secret>[^\"'\n]{1,500})[\"']"),
    ("password", r"\b(?:\w{0,40}_)?(?:set_?)?password\(\s{0,4}(?:[\"'][^\"'\n]{1,80}[\"']\s{0,4},\s{0,4})?"
                 r"[\"'](?P<secret>[^\s\"']{1,500})[\"']\s{0,4}\)"),
    ("secret", r"\bsecret\s{1,4}'(?P<secret>[^\s']{8,500})'"),
    ("secret", r"^[+\- ]?\s{0,8}(?:enable|username\s{1,4}\S{1,60})\s{1,4}secret\s{1,4}\d\s{1,4}(?P<secret>\S{4,500})"),
    ("password", r"^[+\- ]?\s{0,8}(?:enable|username\s{1,4}\S{1,60})\s{1,4}password\s{1,4}\d\s{1,4}"
                 r"(?P<secret>\S{4,500})"),
    ("snmp-server", r"\bsnmp-server\s{1,4}community\s{1,4}(?P<secret>\S{4,500})"),
    ("pw", r"^[+\- ]?\s{0,40}(?:bind|root|ldap)pw\s{1,8}(?:--\w{1,20}\s{1,8}){0,2}(?P<secret>[^\s-]\S{0,500})"),
    ("psk", r":\s{0,4}psk\s{1,4}[\"'](?P<secret>[^\"'\n]{1,500})[\"']"),
    ("masterauth", r"^[+\- ]?\s{0,8}masterauth\s{1,4}(?P<secret>\S{1,500})"),
    (" on >", r"\b(?:set)?user\s{1,4}\S{1,80}\s{1,4}on\s{1,4}>(?P<secret>\S{1,500})"),
    ("#", r"#\s{0,4}define\s{1,8}(?P<name>\w{1,80})\s{1,40}[\"'](?P<secret>[^\"'\n]{1,500})[\"']"),
    ("set", r"^[+\- ]?\s{0,40}(?:set\s{1,4}-\w{1,4}|setenv|setx)\s{1,4}(?P<name>[A-Za-z_]\w{0,79})\s{1,4}[\"']?"
            r"(?P<secret>[^\s\"']{1,1000})"),
    ("value", r"\bname[\"']?\s{0,4}:\s{0,4}[\"']?(?P<name>[\w.-]{1,80})[\"']?\s{0,4},\s{0,4}[\"']?value[\"']?\s{0,4}:"
              r"\s{0,4}[\"']?(?P<secret>[^\"'\n,}]{1,1000})"),
    ("-d", r"(?<!\S)-D(?P<name>[\w.-]{1,120})=[\"']?(?P<secret>[^\s\"']{1,500})"),
    (" -", r"(?<=\s)-(?P<name>[a-z][\w-]{2,60})(?:=|\s{1,4})[\"']?(?P<secret>[^\s\"'=-][^\s\"']{3,500})"),
    ("jdbc:oracle", r"\bjdbc:oracle:\w{1,10}:[\w$#]{1,60}/(?P<secret>[^\s@\"']{1,200})@"),
    ("sqlplus", r"\bsqlplus\s{1,4}(?:-\w{1,10}\s{1,4}){0,4}[\w$#]{1,60}/(?P<secret>[^\s@\"']{1,200})@"),
    ("]:", r"^[+\- ]?\[[\w-]{1,60}(?:\.[\w-]{1,60}){1,6}\]:\d{2,5}\s{1,8}[^\s:]{1,100}:(?P<secret>\S{1,500})$"),
    ("}", r"\{(?:plain|ssha\d{0,3}|cram-md5|md5-crypt|sha\d{3}-crypt)\}(?P<secret>[^\s:{}]{4,500})"),
    ("sqlconnectinfo", r"\bsqlconnectinfo\s{1,4}\S{1,200}\s{1,4}\S{1,60}\s{1,4}(?P<secret>\S{1,200})"),
    ("user", r"\buser\s{1,4}\S{1,80}\s{1,4}pass(?:word)?\s{1,4}[\"'](?P<secret>[^\"'\n]{1,500})[\"']"),
    ("chpasswd", r"(?<![\w.-])[\w.-]{1,60}:(?P<secret>[^\s\"':]{1,200})[\"']?\s{0,4}\|\s{0,4}(?:sudo\s{1,4})?chpasswd"),
    ("echo", r"\becho\s{1,4}(?:-n\s{1,4})?[\"']?(?P<secret>[^\s\"'|$]{1,200})[\"']?\s{0,4}\|\s{0,4}"
             r"(?:sudo\s{1,4}-\w{0,4}S|kinit|[^\n|]{0,80}--(?:password-stdin|with-token|stdin))"),
    ("pdo(", r"\bpdo\((?:\s{0,4}[\"'][^\"'\n]{0,200}[\"']\s{0,4},){2}\s{0,4}[\"'](?P<secret>[^\"'\n]{1,200})[\"']"),
    ("mysqli", r"\bmysqli(?:_connect)?\((?:\s{0,4}[\"'][^\"'\n]{0,200}[\"']\s{0,4},){2}\s{0,4}[\"']"
               r"(?P<secret>[^\"'\n]{1,200})[\"']"),
    (".login(", r"\.login\(\s{0,4}[\"'][^\"'\n]{1,120}[\"']\s{0,4},\s{0,4}[\"'](?P<secret>[^\"'\n]{1,200})[\"']"),
    *((mark.lower(), rf"(?<![A-Za-z0-9+/])(?P<secret>[\w+/-]{{40,80}}{re.escape(mark)}[\w+/-]{{4,8}}={{0,2}})")
      for mark in ("AZDO", "+ASt", "ACDb", "AzFu", "AzSe", "ACOG")),
    (":", r"^[+\- ]?[\w.*-]{1,200}:(?:\d{2,5}|\*):[A-Za-z_*][\w*-]{0,60}:[A-Za-z_*][\w*.@-]{0,60}:"
          r"(?P<secret>\S{1,500})$"),
    ("value", r"(?:key|name)\s{0,4}=\s{0,4}[\"'](?P<name>[\w.:\- ]{1,80})[\"']\s{1,8}value\s{0,4}=\s{0,4}[\"']"
              r"(?P<secret>[^\"'\n]{1,1000})[\"']"),
    ("value", r"<(?P<name>[\w.:-]{1,80})\s{1,8}value\s{0,4}=\s{0,4}[\"'](?P<secret>[^\"'\n]{1,1000})[\"']"),
    ("name", r"\bname\s{0,4}=\s{0,4}[\"'](?P<name>[\w.:\- ]{1,80})[\"']\s{0,4}>(?P<secret>[^<>\n]{1,1000})<"),
    ("env", r"^[+\- ]?\s{0,8}ENV\s{1,4}(?P<name>[A-Za-z_]\w{0,79})\s{1,4}(?P<secret>[^\s=]{1,1000})"),
    ("require", r"^[+\- ]?\s{0,8}requirepass\s{1,4}(?P<secret>\S{1,1000})"),
    (">", r"<(?P<name>[\w.:-]{1,80})(?:\s[^<>]{0,200})?>(?P<secret>[^<>\n]{1,1000})</"),
    ("$", r"\$(?:apr1|1|2[aby]|5|6|y|argon2id?)\$(?P<secret>[^\s:'\"]{8,500})"),
    ("hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[\w/+-]{12,200})"),
    ("/webhooks/", r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/(?P<secret>\d{6,30}/[\w-]{12,200})"),
    ("webhook.office.com", r"webhook\.office\.com/webhookb2/(?P<secret>[^\s\"']{12,500})"),
    ("-u", r"(?:^|[\s\"'])(?:-u|--user|--proxy-user)[\s=]{1,4}[\"']?[^\s:\"'/]{1,80}:(?!\d{1,6}\b)"
           r"(?P<secret>[^\s\"']{1,500})"),
    ("auth", r"\bauth\s{0,4}=\s{0,4}\(\s{0,4}[\"'][^\"'\n]{1,80}[\"']\s{0,4},\s{0,4}[\"']"
             r"(?P<secret>[^\"'\n]{1,500})[\"']"),
    ("default", r"--(?P<name>[\w-]{2,60})[\"'],[^\n]{0,120}?default\s{0,4}=\s{0,4}[\"']"
                r"(?P<secret>[^\"'\n]{1,500})[\"']"),
    ("sig", r"[?&](?:sig|x-amz-signature|x-goog-signature|signature)=(?P<secret>[^\s&\"'#]{8,1000})"),
    ("x-amz-credential", r"[?&]x-amz-credential=(?P<secret>[^\s&\"'#]{8,1000})"),
    ("key", r"[?&](?:key|code)=(?P<secret>[\w.-]{20,1000})"),
)  # fmt: skip

_TOKEN = Rule(rf"(?<![A-Za-z0-9])(?:{'|'.join(TOKENS)})")
_CONTEXTS = tuple((hint, Rule(pattern, re.IGNORECASE | re.MULTILINE)) for hint, pattern in CONTEXTS)
_STRONG_WITH = tuple((hint, Rule(pattern)) for hint, pattern in STRONG_WITH)
_LONG_WORD = Rule(r"[\w\-]{14}")
_URL = Rule(r"\b(?P<scheme>[a-z][a-z0-9+.\-]{0,20})://", re.IGNORECASE)
_URL_WORD = Rule(r"[^\s\"'<>]{1,1200}")
_LOGIN = Rule(r"[^\s/:@{}]{0,200}(?:@[^\s/:@]{0,200})?(?P<password>:(?!\d{1,5}(?:[/?#]|$)).*)?", re.DOTALL)
# Where the value of a name begins, also in a removed line of a diff, and after the type of the name.
_NAMED = Rule(
    r"(?:(?<![\w.\-])|(?<=--)|(?<=^-))(?P<name>[\w][\w.\-]{0,79})\\?[\"']?[ \t]{0,4}\]?[ \t]{0,8}"
    r"(?::[ \t]{0,4}&?[\w'][\w.\[\]|<>?' ]{0,40}(?<=[ \t])(?==[ \t]{1,8}[frbuFRBU]{0,2}[\"'])|string[ \t]{1,4}(?==))?"
    r"(?P<sign>[:?]=|=>|==?|:(?!:)|,(?=[ \t]{0,8}\\?[\"']))[ \t]{0,8}",
    re.MULTILINE,
)
_OPTION_IN_TEXT = Rule(r"(?<![\w-])--(?P<name>[\w.\-]{2,79})[ \t]{1,4}(?=[^\s\-])")
_VALUE = Rule(
    r"[frbu]{0,2}(?:\\\"(?P<a>[^\"\\\n]{1,2000})\\\"|\"(?P<b>(?:\\.|[^\"\\\n]){1,2000})\"|'(?P<c>(?:\\.|[^'\\\n]){1,2000})'"
    r"|`(?P<d>[^`\n]{1,2000})`)",
    re.IGNORECASE,
)
_PLAIN = Rule(r"[^\s\"'`,;()\[\]{}<>|\\]{1,500}")
_WEB = ("http", "https", "git+http", "git+https")
_END = Rule(r"\s*\Z")
_CODE_FOLLOWS = Rule(r"\s{0,4}[(\[{]|[\"'`|<>]")
_IDENTIFIER = Rule(r"[A-Za-z_][A-Za-z_]*(?:\.[A-Za-z_][\w]*)*\d{0,2}")
_SCHEME = Rule(r"^(?:basic|bearer|token)\s{1,4}", re.IGNORECASE)
_TYPES = Rule(
    r"(?:any|bool|boolean|bytes|float|int|integer|null|number|object|str|string|text|undefined|unknown|password|secret|"
    r"token|[A-Z][a-z]\w*)\??"
)
# One of several settings between spaces, such as those of a connection to a database.
_SETTING_BEFORE = Rule(r"(?<![\w.-])[\w.-]{1,40}=[^\s\"'=,;()]{1,80} $")
_SETTING_BEHIND = Rule(r" [\w.-]{1,40}=[^\s\"'=,;()]|\s*\Z|[\"']")
_WHOLE_LINE = Rule(r"[+\- ]?\s{0,80}(?:export\s{1,4}|set\s{1,4}|-\s{1,4})?[\"']?")
_OPTION = Rule(r"[-+~\w.]+")
_LOGIN_OPTIONS = ("-u", "--user", "--proxy-user", "--login", "--basic-auth")
_LOGIN_VALUE = Rule(r"[^\s:/]+:(?!\d+$)[^\s/].*", re.DOTALL)
_WORD = Rule(r"[A-Za-z0-9]{16,}")
_HEX = Rule(r"[0-9a-f]+|[0-9A-F]+")
_KEY_BEGINS = Rule(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\bPrivate-Lines: \d{1,4}\b")
_KEY_ENDS = Rule(r"-----END |\bPrivate-MAC: ")
_KEY_LINE = Rule(r"[+\- ]\s{0,40}(?=[A-Za-z0-9+/]{0,100}[A-Z])(?=[A-Za-z0-9+/]{0,100}[a-z])"
                       r"(?=[A-Za-z0-9+/]{0,100}\d)[A-Za-z0-9+/]{60,76}={0,2}\s{0,4}")  # fmt: skip
# Of a list in YAML, as of the variables of a container: the name of a value, and the value in the next line.
_NAME_LINE = Rule(r"[+\- ]?\s{0,80}(?:-\s{1,4})?name:\s{1,4}[\"']?([\w.-]{1,80})[\"']?\s{0,8}")
_VALUE_LINE = Rule(r"(?P<before>[+\- ]?\s{0,80}value:\s{1,4})(?P<secret>\S{1,1000})\s{0,8}")
# A text with none of these needs no closer look at its names.
_HINTS = (
    *("pass", "pw", "secret", "cred", "token", "auth", "private", "key", "cookie", "bearer", "jwt", "otp", "sess"),
    *("salt", "webhook", "sas", "pin", "psk"),
)
# A text with none of these, in lower case, calls no program whose short options have secret values.
_OF_PROGRAMS = (
    *("sql", "mariadb", "sshpass", "mydumper", "myloader", "redis-", "valkey-", "mongo", "bcp", "beeline", "ldap"),
    *("mosquitto_", "ipmitool", "snmp", "zip", "7z", "rar", "ssh-keygen", "openssl", "keytool", "plink", "pscp"),
    *("psftp", "putty", "login", "cqlsh", "cypher-shell", "http -", "https -", "xh -", "smbclient", "useradd"),
    *("usermod", "freerdp", "rdesktop", "psexec", "twine", "poetry", "anaconda", "gh secret", "lftp", "nuget"),
    *("rabbitmqctl", "net user", "alias set", "htpasswd", "aws configure", "npm ", "dvc ", "nmcli"),
)

TextSpan = tuple[int, int]


@lru_cache(maxsize=4096)
def _words(name: str) -> str:
    return f"_{_APART.sub('_', _CAMEL.sub('_', name)).strip('_').lower()}_"


@lru_cache(maxsize=4096)
def _is_strong(words: str) -> bool:
    named = (hint in words and rule.search(words) for hint, rule in _STRONG_WITH)
    return bool(_STRONG.search(words)) or any(named)


def is_secret_name(name: str) -> bool:
    """Whether values with this name are masked when they are recorded, if they can be secret at all."""
    words = _words(name)
    return _is_strong(words) or bool(_WEAK.search(words)) and not _OPEN.search(words)


def is_secret(name: str, value: str) -> bool:
    """Whether this value of this name is masked when it is recorded."""
    words = _words(name)
    if _is_strong(words) and not words.startswith("_public_"):
        return True
    if _WEAK.search(words) and not _OPEN.search(words):
        return not _NOT_SECRET.fullmatch(value)
    return bool(_KEY.search(words)) and not _OPEN_KEY.search(words) and _is_random(value[:_RANDOM_CHARACTERS], 16)


def masked(text: str) -> str:
    """`text` with everything replaced that looks like a secret."""
    return _replaced(text, _secrets_in(text, _EVERY))


def masked_argv(argv: list[str]) -> list[str]:
    """A command line with the values of options that have secret names replaced, and secrets in other arguments. The
    argument after such an option is its value even if it begins with `--`: flags and options look alike."""
    shown: list[str] = []
    before = ""
    of_programs = _of_programs(argv)
    for at, argument in enumerate(argv):
        name, equals, value = argument.partition("=")
        option = bool(equals) and bool(_OPTION.fullmatch(name))
        if at in of_programs:
            kept = of_programs[at]
            shown.append(argument if _PLACEHOLDER.fullmatch(argument, kept) else argument[:kept] + MASK)
        elif before and is_secret(before, argument):
            shown.append(MASK)
        elif option and is_secret(name, value):
            shown.append(f"{masked(name)}={MASK}")
        elif shown and argv[len(shown) - 1] in _LOGIN_OPTIONS and _LOGIN_VALUE.fullmatch(argument):
            shown.append(MASK)
        elif option and name in _LOGIN_OPTIONS and _LOGIN_VALUE.fullmatch(value):
            shown.append(f"{name}={MASK}")
        else:
            shown.append(masked(argument))
        before = argument if at not in of_programs and _is_option(argument) else ""
    return shown


def _of_programs(argv: Sequence[str]) -> Mapping[int, int]:
    lowered = " ".join(argv).lower()
    if not any(hint in lowered for hint in _OF_PROGRAMS):
        return {}
    from aim.sdk import programs

    return programs.secrets_of(argv, is_secret_name)


def _is_option(argument: str) -> bool:
    return argument.startswith("-") and bool(_OPTION.fullmatch(argument))


def masked_env(env: Mapping[str, str]) -> dict[str, str | None]:
    """Variables as they may be recorded: None if the name or the value is secret. Long values are cut."""
    return {name: None if _is_secret_variable(name, value) else _cut(value) for name, value in env.items()}


def masked_diff(text: str) -> str:
    """A diff with the values of secret names, tokens, and private keys replaced."""
    shown: list[str] = []
    in_key, named, hints = False, "", _of(text.lower(), _EVERY)
    for line in text.splitlines(keepends=True):
        name, named = named, _NAME_LINE.sub(r"\1", line) if _NAME_LINE.fullmatch(line) else ""
        if in_key or _KEY_BEGINS.search(line) or _KEY_LINE.fullmatch(line):
            in_key = not _KEY_ENDS.search(line) and (in_key or bool(_KEY_BEGINS.search(line)))
            in_key = in_key and not line.startswith(("diff --git ", "@@ "))
            line = line if line.startswith("diff --git ") else f"{line[:1]}{MASK}\n"
        elif (value := _VALUE_LINE.fullmatch(line)) and name and _is_value(name, value["secret"].strip("\"'")):
            line = f"{value['before']}{MASK}\n"
        else:
            line = _replaced(line, _secrets_in(line, hints))
        shown.append(line)
    return "".join(shown)


def _is_secret_variable(name: str, value: str) -> bool:
    value = value[:VALUE_CHARACTERS]
    if is_secret(name, value) or masked(value) != value:
        return True
    random = bool(_HEX.fullmatch(value)) if len(value) >= 40 else False
    return (random or _is_random(_DIGEST.sub("", value), 32)) and not _CHECKSUM.search(_words(name))


def _cut(value: str) -> str:
    return value if len(value) <= VALUE_CHARACTERS else value[:VALUE_CHARACTERS] + "…"


def _is_random(text: str, length: int) -> bool:
    """Whether some word of it has this length and mixes letters and digits as no name does."""
    return any(len(word) >= length and _mixes(word) for word in _WORD.findall(text))


def _mixes(word: str) -> bool:
    kinds = ["d" if sign.isdigit() else "u" if sign.isupper() else "l" for sign in word]
    changes = sum(kind != other for kind, other in zip(kinds, kinds[1:], strict=False))
    if _HEX.fullmatch(word):
        return len(word) >= 20 and changes >= len(word) // 5
    return len(set(kinds)) == 3 and changes * 10 >= len(word) * 3


# Secrets in a text


class Hints(NamedTuple):
    """The rules and programs that a text is searched for."""

    contexts: tuple[tuple[str, Rule], ...]
    programs: tuple[str, ...]


_EVERY = Hints(_CONTEXTS, _OF_PROGRAMS)


def _of(lowered: str, hints: Hints) -> Hints:
    """Those that can matter in a text: most lines of a long one need not be searched for the others."""
    contexts = tuple(context for context in hints.contexts if context[0] in lowered)
    return Hints(contexts, tuple(hint for hint in hints.programs if hint in lowered))


def _secrets_in(text: str, hints: Hints) -> list[TextSpan]:
    lowered = text.lower()
    spans = [match.span() for match in _TOKEN.finditer(text)] if _LONG_WORD.search(text) else []
    near = _of(lowered, hints)
    for _, rule in near.contexts:
        spans += [match.span("secret") for match in rule.finditer(text) if _is_meant(match)]
    if near.programs:
        from aim.sdk import programs

        of_programs = programs.secrets_in(text, is_secret_name)
        spans += [span for span in of_programs if not _PLACEHOLDER.fullmatch(text, *span)]
    if any(hint in lowered for hint in _HINTS):
        spans += _named_in(text)
    spans += _keys_in(text)
    if "://" in text and "@" in text:
        spans += _logins_in(text)
    return spans


def _is_meant(match: re.Match[str]) -> bool:
    """In XML, only the values of secret names."""
    secret = match["secret"]
    if _PLACEHOLDER.fullmatch(secret):
        return False
    return "name" not in match.re.groupindex or is_secret(match["name"], secret)


def _logins_in(text: str) -> Iterator[TextSpan]:
    """Up to the last `@` of a URL: passwords hold `@` and, after `user:`, also `/`. A user without a password is a
    token if the URL is that of a website."""
    end = 0
    while url := _URL.search(text, end):
        end = url.end()
        word = _URL_WORD.match(text, end)
        at = word[0].rfind("@") if word else -1
        login = _LOGIN.fullmatch(text, end, end + at) if at > 0 else None
        if login and (login["password"] or url["scheme"].lower() in _WEB and "/" not in login[0]):
            yield end, end + at
            end += at


def _named_in(text: str) -> Iterator[TextSpan]:
    end = 0
    while match := _NAMED.search(text, end):
        named = is_secret_name(match["name"]) or bool(_KEY.search(_words(match["name"])))
        span = _value_at(text, match) if named else None
        end = match.end("name") if span is None else max(span[1], match.end())
        if span is not None:
            yield span
    for match in _OPTION_IN_TEXT.finditer(text):
        plain = _VALUE.match(text, match.end()) or _PLAIN.match(text, match.end())
        if plain and not plain[0].isupper() and _is_value(match["name"], plain[0].strip("\"'")):
            yield plain.span()


def _value_at(text: str, named: re.Match[str]) -> TextSpan | None:
    """The value of a name, if it is a text and not code."""
    name, sign, begin = named["name"], named["sign"], named.end()
    if quoted := _VALUE.match(text, begin):
        value = quoted[quoted.lastgroup or 0]
        is_code = quoted[0][0] in "fF" and "{" in value
        loose = is_code or sign == "==" or sign == "," and (not name.isupper() or value.isupper())
        if not (_is_random(value, 12) if loose else _is_value(name, value)):
            return None
        begin, end = quoted.span()
        return begin, end
    plain = _PLAIN.match(text, begin)
    if plain is None or sign in (",", "=="):
        return None
    in_query = text[named.start() - 1 : named.start()] in ("?", "&") if named.start() else False
    value = plain[0].partition("&")[0] if in_query else plain[0]
    end = begin + len(value)
    if not _is_value(name, value):
        return None
    return (begin, end) if in_query or _is_plain_value(text, named, value, end) else None


def _is_value(name: str, value: str) -> bool:
    is_text = any(map(str.isalnum, value)) and not _PLACEHOLDER.fullmatch(_SCHEME.sub("", value))
    return is_text and is_secret(name, value)


def _is_plain_value(text: str, named: re.Match[str], value: str, end: int) -> bool:
    """Whether an unquoted value is one of a config or shell, and not a name or a call in code."""
    name, tight = named["name"], named.end() - named.start() == len(named["name"]) + 1
    strong = _is_strong(_words(name))
    behind_another = _SETTING_BEFORE.search(text, max(0, named.start() - 130), named.start())
    if tight and strong and behind_another and _SETTING_BEHIND.match(text, end):
        return len(value) >= 3
    if _CODE_FOLLOWS.match(text, end):
        # The end of a text of settings, such as "dbname=d password=Zx9k".
        of_settings = text[end : end + 1] in ('"', "'") and text[named.start() - 1 : named.start()] in (" ", ";")
        return of_settings and strong and tight and any(map(str.isdigit, value)) and len(value) >= 6
    is_identifier = bool(_IDENTIFIER.fullmatch(value))
    mixed = any(map(str.isdigit, value)) and len(value) >= (4 if strong else 6)
    if mixed and (strong or not is_identifier):
        return not (is_identifier and "." in value)
    if value.lower() == name.lower():
        return False
    alone = bool(_WHOLE_LINE.fullmatch(text, 0, named.start())) and bool(_END.match(text, end))
    if tight and named["sign"] == "=" and (name.isupper() or alone and strong):
        return len(value) >= 3
    if strong and alone and named["sign"] == ":" and not _TYPES.fullmatch(value):
        return len(value) >= 4
    return strong and not is_identifier and len(value) >= 6


def _keys_in(text: str) -> Iterator[TextSpan]:
    end = 0
    while match := _KEY_BEGINS.search(text, end):
        ends = _KEY_ENDS.search(text, match.end())
        end = ends.start() if ends else len(text)
        yield match.end(), end


def _replaced(text: str, spans: list[TextSpan]) -> str:
    if not spans:
        return text
    parts, done = [], 0
    for begin, end in sorted(spans):
        if begin >= done:
            parts += [text[done:begin], MASK]
        done = max(done, end)
    return "".join(parts) + text[done:]
