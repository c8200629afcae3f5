"""Secrets as people pass and store them, made from a seed."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")

ALNUM = string.ascii_letters + string.digits
URL_SAFE = ALNUM + "-_"
HEX = "0123456789abcdef"
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
B64 = ALNUM + "+/"

PASSWORDS = (
    "hunter2",
    "correct-horse",
    "Tr0ub4dor&3",
    "p@ssw0rd!",
    "s3cr/et",
    "Sommer2026",
    "letmein",
    "qwertz123",
    "Zx9#kLm2",
    "geheim",
    "pa:ss:word",
    "MyDog!Rex",
    "abc123def",
    "Winter_is_2026",
    "a@b/c@d",
)


class Shape(NamedTuple):
    """`text` is an argument list, a variable and its value, or a diff; `secret` must not be left of it."""

    kind: str
    text: list[str] | tuple[str, str] | str
    secret: str


class Draw:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def of(self, signs: str, count: int) -> str:
        return "".join(self._random.choice(signs) for _ in range(count))

    def one(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    @property
    def password(self) -> str:
        return self.one(PASSWORDS)

    @property
    def key(self) -> str:
        return self.of(HEX, 40)


TOKENS: dict[str, Callable[[Draw], str]] = {
    "github personal": lambda d: f"ghp_{d.of(ALNUM, 36)}",
    "github oauth": lambda d: f"gho_{d.of(ALNUM, 36)}",
    "github user": lambda d: f"ghu_{d.of(ALNUM, 36)}",
    "github server": lambda d: f"ghs_{d.of(ALNUM, 36)}",
    "github refresh": lambda d: f"ghr_{d.of(ALNUM, 36)}",
    "github fine-grained": lambda d: f"github_pat_{d.of(ALNUM, 22)}_{d.of(ALNUM, 59)}",
    "gitlab personal": lambda d: f"glpat-{d.of(URL_SAFE, 20)}",
    "gitlab deploy": lambda d: f"gldt-{d.of(URL_SAFE, 20)}",
    "gitlab runner": lambda d: f"glrt-{d.of(URL_SAFE, 20)}",
    "slack bot": lambda d: f"xoxb-{d.of(string.digits, 12)}-{d.of(string.digits, 12)}-{d.of(ALNUM, 24)}",
    "slack user": lambda d: f"xoxp-{d.of(string.digits, 12)}-{d.of(string.digits, 12)}-{d.of(HEX, 32)}",
    "slack app": lambda d: f"xapp-1-A{d.of(UPPER, 10)}-{d.of(string.digits, 13)}-{d.of(HEX, 64)}",
    "stripe live": lambda d: f"sk_live_{d.of(ALNUM, 24)}",
    "stripe restricted": lambda d: f"rk_test_{d.of(ALNUM, 24)}",
    "stripe webhook": lambda d: f"whsec_{d.of(ALNUM, 32)}",
    "aws key": lambda d: f"AKIA{d.of(UPPER, 16)}",
    "aws session key": lambda d: f"ASIA{d.of(UPPER, 16)}",
    "google api": lambda d: f"AIza{d.of(URL_SAFE, 35)}",
    "google oauth": lambda d: f"ya29.{d.of(URL_SAFE, 60)}",
    "google client": lambda d: f"GOCSPX-{d.of(URL_SAFE, 28)}",
    "hugging face": lambda d: f"hf_{d.of(string.ascii_letters, 34)}",
    "openai": lambda d: f"sk-proj-{d.of(URL_SAFE, 48)}",
    "openai legacy": lambda d: f"sk-{d.of(ALNUM, 48)}",
    "anthropic": lambda d: f"sk-ant-api03-{d.of(URL_SAFE, 80)}",
    "groq": lambda d: f"gsk_{d.of(ALNUM, 52)}",
    "replicate": lambda d: f"r8_{d.of(ALNUM, 37)}",
    "perplexity": lambda d: f"pplx-{d.of(ALNUM, 48)}",
    "nvidia": lambda d: f"nvapi-{d.of(URL_SAFE, 64)}",
    "weights and biases": lambda d: f"wandb_v1_{d.of(ALNUM, 40)}",
    "npm": lambda d: f"npm_{d.of(ALNUM, 36)}",
    "pypi": lambda d: f"pypi-AgEIcHlwaS5vcmc{d.of(URL_SAFE, 70)}",
    "rubygems": lambda d: f"rubygems_{d.of(HEX, 48)}",
    "docker": lambda d: f"dckr_pat_{d.of(URL_SAFE, 27)}",
    "sendgrid": lambda d: f"SG.{d.of(URL_SAFE, 22)}.{d.of(URL_SAFE, 43)}",
    "twilio": lambda d: f"SK{d.of(HEX, 32)}",
    "mailgun": lambda d: f"key-{d.of(HEX, 32)}",
    "mailchimp": lambda d: f"{d.of(HEX, 32)}-us12",
    "digitalocean": lambda d: f"dop_v1_{d.of(HEX, 64)}",
    "shopify": lambda d: f"shpat_{d.of(HEX, 32)}",
    "databricks": lambda d: f"dapi{d.of(HEX, 32)}",
    "atlassian": lambda d: f"ATATT3xFfGF0{d.of(URL_SAFE, 60)}",
    "azure client": lambda d: f"{d.of(ALNUM, 3)}8Q~{d.of(ALNUM, 34)}",
    "vault": lambda d: f"hvs.{d.of(URL_SAFE, 90)}",
    "terraform": lambda d: f"{d.of(ALNUM, 14)}.atlasv1.{d.of(URL_SAFE, 64)}",
    "grafana": lambda d: f"glsa_{d.of(ALNUM, 32)}_{d.of(HEX, 8)}",
    "telegram": lambda d: f"{d.number(10**8, 10**9)}:AA{d.of(URL_SAFE, 33)}",
    "discord": lambda d: f"M{d.of(ALNUM, 25)}.{d.of(ALNUM, 6)}.{d.of(URL_SAFE, 38)}",
    "notion": lambda d: f"ntn_{d.of(ALNUM, 46)}",
    "age": lambda d: f"AGE-SECRET-KEY-1{d.of(UPPER, 58)}",
    "supabase": lambda d: f"sbp_{d.of(HEX, 40)}",
    "cerebras": lambda d: f"csk-{d.of(LOWER, 48)}",
    "together": lambda d: f"tgp_v1_{d.of(URL_SAFE, 43)}",
    "elevenlabs": lambda d: f"sk_{d.of(HEX, 48)}",
    "firecrawl": lambda d: f"fc-{d.of(HEX, 32)}",
    "modal": lambda d: f"as-7{d.of(ALNUM, 21)}",
    "lambda cloud": lambda d: f"secret_{d.of(ALNUM, 20)}_{d.of(HEX, 32)}.{d.of(ALNUM, 32)}",
    "neptune": lambda d: base64.b64encode(json.dumps({"api_address": "https://h", "api_key": d.key}).encode()).decode(),
    "bitbucket": lambda d: f"ATBB{d.of(ALNUM, 32)}",
    "azure devops": lambda d: f"{d.of(ALNUM, 76)}AZDO{d.of(ALNUM, 4)}",
    "azure storage": lambda d: f"{d.of(B64, 76)}+ASt{d.of(B64, 6)}==",
    "azure cosmos": lambda d: f"{d.of(B64, 76)}ACDb{d.of(B64, 6)}==",
    "azure function": lambda d: f"{d.of(URL_SAFE, 44)}AzFu{d.of(URL_SAFE, 6)}==",
    "google refresh": lambda d: f"1//0{d.of(URL_SAFE, 60)}",
    "vercel": lambda d: f"vcp_{d.of(ALNUM, 56)}",
    "render": lambda d: f"rnd_{d.of(ALNUM, 28)}",
    "neon": lambda d: f"napi_{d.of(LOWER, 64)}",
    "mongodb atlas": lambda d: f"mdb_sa_sk_{d.of(URL_SAFE, 40)}",
    "clickhouse cloud": lambda d: f"4b1d{d.of(ALNUM, 38)}",
    "databricks oauth": lambda d: f"dose{d.of(HEX, 32)}",
    "brevo": lambda d: f"xkeysib-{d.of(HEX, 64)}-{d.of(ALNUM, 16)}",
    "resend": lambda d: f"re_{d.of(ALNUM, 8)}_{d.of(ALNUM, 24)}",
    "honeycomb": lambda d: f"hcaik_{d.of(LOWER, 58)}",
    "posthog": lambda d: f"phx_{d.of(ALNUM, 43)}",
    "linear oauth": lambda d: f"lin_oauth_{d.of(HEX, 64)}",
    "clickup": lambda d: f"pk_{d.of(string.digits, 8)}_{d.of(UPPER, 32)}",
    "doppler": lambda d: f"dp.st.dev.{d.of(ALNUM, 40)}",
    "infisical": lambda d: f"st.{d.of(HEX, 24)}.{d.of(HEX, 32)}.{d.of(HEX, 32)}",
    "age of version 2": lambda d: f"AGE-SECRET-KEY-PQ-1{d.of(UPPER, 58)}",
    "tailscale": lambda d: f"tskey-auth-{d.of(ALNUM, 17)}-{d.of(ALNUM, 32)}",
    "ngrok": lambda d: f"2{d.of(ALNUM, 26)}_{d.of(ALNUM, 21)}",
    "artifactory": lambda d: f"AKCp{d.of(ALNUM, 69)}",
    "scale": lambda d: f"live_{d.of(HEX, 32)}",
    "browserbase": lambda d: f"bb_live_{d.of(URL_SAFE, 27)}",
    "snyk": lambda d: f"snyk_uat.{d.of(HEX, 8)}.{d.of(URL_SAFE, 80)}",
    "buildkite": lambda d: f"bkct_{d.of(ALNUM, 60)}",
    "sanity": lambda d: f"sk4{d.of(ALNUM, 79)}",
    "stytch": lambda d: f"secret-live-{d.of(URL_SAFE, 36)}",
    "frame.io": lambda d: f"fio-u-{d.of(URL_SAFE, 64)}",
    "yandex": lambda d: f"AQVN{d.of(ALNUM, 36)}",
    "baidu": lambda d: f"bce-v3/ALTAK-{d.of(ALNUM, 21)}/{d.of(HEX, 40)}",
    "volcengine": lambda d: f"AKLT{d.of(ALNUM, 43)}",
    "zhipu": lambda d: f"{d.of(HEX, 32)}.7{d.of(ALNUM, 15)}",
    "json web token": lambda d: f"eyJ{d.of(URL_SAFE, 30)}.eyJ{d.of(URL_SAFE, 60)}.{d.of(URL_SAFE, 43)}",
}

PASSWORD_OPTIONS = (
    "--password",
    "--passwd",
    "--passphrase",
    "--pass",
    "--db-pass",
    "--db_password",
    "--smtp-pass",
    "--pwd",
    "--client-secret",
    "--secret",
    "--credentials",
    "--redis-password",
    "--userPassword",
    "--key-passphrase",
    "--proxy-pass",
)
KEY_OPTIONS = (
    "--wandb-key",
    "--api-key",
    "--apikey",
    "--openai_key",
    "--access-key",
    "--hf-token",
    "--token",
    "--auth-token",
    "--accessToken",
    "--api_token",
    "--private-key",
    "--comet_key",
    "--session-cookie",
    "--jwt",
    "--wandb.api_key",
    "--account-key",
    "--encryption-key",
    "--bearer",
    "--azure-storage-key",
    "--auth",
)
PROGRAMS = (
    "mysql -u root -p{} db",
    "mysqldump -hdb -P 3306 -p{} db",
    "sshpass -p {} ssh -p 22 h",
    "/usr/bin/sshpass -p{} ssh h",
    "redis-cli -p 6379 -a {} ping",
    "mongosh -u ann -p {}",
    "mongodump -p{}",
    "sqlcmd -S h -U sa -P {}",
    "ldapsearch -x -D cn=a -w {}",
    "mosquitto_pub -p 1883 -P {} -m a",
    "zip -P {} a.zip a",
    "7z x -p{} a.7z",
    "ssh-keygen -f key -N {}",
    "docker login -u ann -p {} ghcr.io",
    "sudo podman login -p{} quay.io",
    "keytool -list -storepass {}",
    "cqlsh -u ann -p {}",
    "cypher-shell -u neo4j -p {}",
    "http -a ann:{} example.org",
    "smbclient //h/s -U ann%{}",
    "useradd -p {} ann",
    "xfreerdp /u:ann /p:{} /v:h",
    "lftp -u ann,{} h",
    "twine upload -u ann -p {} dist/x",
    "poetry publish -u ann -p {}",
    "gh secret set NAME --body {}",
    "rabbitmqctl add_user ann {}",
    "htpasswd -b file ann {}",
    "net user ann {} /add",
    "mc alias set m http://h AK {}",
    "aws configure set aws_secret_access_key {}",
    "npm config set //r/:_authToken {}",
    "dvc remote modify --local r password {}",
    "nmcli dev wifi connect n password {}",
)
VARIABLES = (
    "PGPASSWORD",
    "DB_PASS",
    "SSHPASS",
    "MYSQL_PWD",
    "OPENAI_KEY",
    "WANDB_API_KEY",
    "HF_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GITHUB_TOKEN",
    "AZURE_STORAGE_KEY",
    "SMTP_PASS",
    "REDIS_PASSWORD",
    "DJANGO_SECRET_KEY",
    "COMET_API_KEY",
    "NEPTUNE_API_TOKEN",
    "KAGGLE_KEY",
    "ANTHROPIC_API_KEY",
    "SLURM_JWT",
    "JWT_SECRET",
    "TF_TOKEN_app_terraform_io",
    "CI_JOB_TOKEN",
    "NGC_CLI_API_KEY",
    "LABELBOX_API_KEY",
    "RAY_AUTH_TOKEN",
    "AIM_ADMIN_PASS",
    "GPG_PASSPHRASE",
    "S3_SECRET",
    "SESSION_COOKIE",
    "TWILIO_AUTH_TOKEN",
    "LDAP_BINDPW",
    "ROOTPW",
    "FERNET_KEY",
    "WIFI_PSK",
)


def secrets() -> list[Shape]:
    """300 shapes of all kinds, in the order of their kinds."""
    d = Draw(20261128)
    shapes = [*_tokens(d), *_options(d), *_arguments(d), *_variables(d), *_urls(d), *_files(d), *_code(d), *_keys(d)]
    return shapes


def _tokens(d: Draw) -> Iterator[Shape]:
    for number, (issuer, make) in enumerate(TOKENS.items()):
        token = make(d)
        yield Shape(
            f"token of {issuer}", [["x", token], ["x", f"--value={token}"], ["x", f"a,{token}"]][number % 3], token
        )
        yield Shape(f"token of {issuer}, in a diff", f"+client = connect('{token}')\n", token)


def _options(d: Draw) -> Iterator[Shape]:
    for name in PASSWORD_OPTIONS:
        for value in (d.password, d.of(ALNUM, 20)):
            yield Shape("option", d.one([[name, value], [f"{name}={value}"]]), value)
    for name in KEY_OPTIONS:
        value = d.key if d.number(0, 1) else d.of(ALNUM, 32)
        yield Shape(
            "option", d.one([[name, value], [f"{name}={value}"], [f"{name[2:].replace('-', '_')}={value}"]]), value
        )


def _arguments(d: Draw) -> Iterator[Shape]:
    password, key = d.password, d.key
    basic = base64.b64encode(f"ann:{d.of(ALNUM, 12)}".encode()).decode()
    bearer = d.of(URL_SAFE, 40)
    for option in ("-u", "--user", "--proxy-user"):
        yield Shape("login", ["curl", option, f"me:{password}", "https://example.org"], password)
    yield Shape("login", ["curl", f"--user=me:{password}"], password)
    for header in (f"Authorization: Bearer {bearer}", f"authorization: token {bearer}", f"Authorization: {bearer}"):
        yield Shape("header", ["curl", "-H", header], bearer)
    yield Shape("header", ["curl", "-H", f"Authorization: Basic {basic}"], basic)
    yield Shape("header", ["curl", "-H", f"X-Api-Key: {key}"], key)
    yield Shape("header", ["curl", "-H", f"PRIVATE-TOKEN: {bearer}"], bearer)
    yield Shape("header", ["curl", "--cookie", f"session={bearer}"], bearer)
    for text in (
        json.dumps({"lr": 0.1, "password": password}),
        json.dumps({"db": {"user": "ann", "passwd": password}}),
        f"{{'secret': '{password}'}}",
        f"{{lr:0.1,password:{key}}}",
    ):
        yield Shape("config in an argument", ["--config", text], key if key in text else password)
    yield Shape("config in an argument", ["--config", json.dumps(json.dumps({"api_key": key}))], key)
    yield Shape("config in an argument", [f"+logger.wandb.api_key={key}"], key)
    yield Shape("config in an argument", [f"++db.password={password}"], password)
    yield Shape("shell", ["bash", "-c", f"export API_TOKEN={key}; python t.py"], key)
    yield Shape("shell", ["bash", "-c", f"HF_TOKEN={key} python t.py"], key)
    yield Shape("shell", ["bash", "-c", f"mysql --password={key} db"], key)
    yield Shape("shell", ["bash", "-c", f"python t.py --api-key {key}"], key)
    yield Shape("shell", ["bash", "-c", f"curl -u me:{key} https://example.org"], key)
    for line in PROGRAMS:
        yield Shape(line, line.format(password).split(), password)
        yield Shape(f"{line}, in a shell", ["bash", "-c", line.format(key)], key)
    yield Shape("shell", ["docker", "run", "-e", f"DB_PASS={password}", "image"], password)
    yield Shape("connection", [f"--db=Server=h;Database=d;User Id=sa;Password={key};Encrypt=yes"], key)
    account = d.of(B64, 86) + "=="
    connection = f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={account};EndpointSuffix=core.windows.net"
    yield Shape("connection", ["--storage", connection], account)
    shared = d.of(ALNUM, 43)
    bus = f"Endpoint=sb://h/;SharedAccessKeyName=Root;SharedAccessKey={shared}="
    yield Shape("connection", ["--bus", bus], shared)
    yield Shape("connection", ["--dsn", f"host=h user=ann password={key} dbname=d"], key)


def _variables(d: Draw) -> Iterator[Shape]:
    for name in VARIABLES:
        value = d.one([d.password, d.key, d.of(ALNUM, 24)])
        yield Shape("variable", (name, value), value)
    for name, value in (
        ("MY_SETTING", d.of(ALNUM, 40)),
        ("TF_HEX", d.of(HEX, 64)),
        ("SOME_URL", f"https://ann:{d.of(ALNUM, 9)}@h/x"),
        ("NCCL_X", TOKENS["hugging face"](d)),
        ("JAX_CONFIG", json.dumps({"api_key": d.key})),
        ("TORCH_HEADER", f"Authorization: Bearer {d.of(URL_SAFE, 30)}"),
    ):
        yield Shape("variable by its value", (name, value), value)


def _urls(d: Draw) -> Iterator[Shape]:
    for scheme in ("postgres", "mysql+pymysql", "redis", "amqp", "mongodb+srv", "https", "ftp", "git+https"):
        password = d.password
        yield Shape("login in a URL", [f"--db={scheme}://ann:{password}@example.org/x"], password)
        yield Shape("login in a URL", f"+DB = '{scheme}://ann:{password}@example.org/x'\n", password)
    token = d.of(ALNUM, 24)
    yield Shape("login in a URL", [f"https://{token}@github.com/a/b.git"], token)
    yield Shape("login in a URL", [f"redis://:{token}@h:6379/0"], token)
    for name in (
        "token",
        "access_token",
        "api_key",
        "apikey",
        "password",
        "sig",
        "X-Amz-Signature",
        "auth",
        "client_secret",
        "key",
    ):
        value = d.of(ALNUM, 32)
        yield Shape("query of a URL", [f"https://example.org/data?page=2&{name}={value}&x=1"], value)
    hook = f"T{d.of(UPPER, 8)}/B{d.of(UPPER, 8)}/{d.of(ALNUM, 24)}"
    yield Shape("webhook", ["--notify", f"https://hooks.slack.com/services/{hook}"], hook)
    for place in ("discord.com/api/v10/webhooks", "canary.discord.com/api/webhooks", "discordapp.com/api/webhooks"):
        hook = f"{d.of(string.digits, 18)}/{d.of(URL_SAFE, 68)}"
        yield Shape("webhook", ["--notify", f"https://{place}/{hook}"], hook)
    hook = f"{d.of(string.digits, 18)}/{d.of(URL_SAFE, 68)}"
    yield Shape("webhook", f"+url = 'https://discord.com/api/webhooks/{hook}'\n", hook)


def _files(d: Draw) -> Iterator[Shape]:
    """Lines of the files in which tools keep what they log in with."""
    for kind, line in (
        (".netrc", "machine api.wandb.ai login user password {}"),
        (".netrc", "  password {}"),
        (".pgpass", "db.example.org:5432:experiments:ann:{}"),
        (".pgpass", "*:*:*:ann:{}"),
        (".env", "DB_PASSWORD={}"),
        (".env", "export SECRET_KEY={}"),
        (".env", 'API_TOKEN="{}"'),
        ("yaml", "  password: {}"),
        ("yaml", "db_password: '{}'"),
        ("yaml", '  api_key: "{}"'),
        ("yaml", "- secret: {}"),
        ("toml", 'password = "{}"'),
        ("toml", "secret_key = '{}'"),
        ("json", '  "password": "{}",'),
        ("json", '  "clientSecret": "{}"'),
        ("ini", "password={}"),
        ("ini", "db_passwd={}"),
        ("xml", "<password>{}</password>"),
        ("xml", '<add key="Password" value="{}"/>'),
        ("xml", "    <apiKey>{}</apiKey>"),
        ("properties", "spring.datasource.password={}"),
        ("sql", "CREATE USER ann IDENTIFIED BY '{}';"),
        ("sql", "ALTER ROLE ann WITH PASSWORD '{}';"),
        ("dockerfile", "ENV REDIS_PASSWORD={}"),
        ("ldap", "bindpw {}"),
        ("ldap", "LDAP_BINDPW={}"),
        ("kickstart", "rootpw --plaintext {}"),
        ("code", "user.set_password('{}')"),
        ("code", 'conn.setPassword("{}")'),
        ("code", "server.login('a@b.c', '{}')"),
        ("code", "new PDO('mysql:host=h', 'ann', '{}')"),
        ("code", '#define WIFI_PASS "{}"'),
        ("shell", "echo ann:{} | chpasswd"),
        ("shell", "echo {} | sudo -S make install"),
        ("shell", "set -gx API_TOKEN {}"),
        ("shell", "setenv DB_PASSWORD {}"),
        ("shell", "vncviewer -passwd {}"),
        ("shell", "java -Djavax.net.ssl.trustStorePassword={} -jar a"),
        ("header", 'curl -H "X-Auth-Token: {}" h'),
        ("header", 'proxy_set_header Authorization "Basic {}";'),
        ("header", 'curl -b "sessionid={}" h'),
        ("connection", "jdbc:oracle:thin:scott/{}@h:1521:x"),
        ("redis", "masterauth {}"),
        ("redis", "user ann on >{} ~*"),
        ("sql", "SET PASSWORD FOR 'ann'@'h' = '{}';"),
        ("sql", "SET PASSWORD FOR ann = PASSWORD('{}');"),
        ("switch", "username ann password 7 {}"),
        ("apache", 'AuthLDAPBindPassword "{}"'),
        ("haproxy", "user ann insecure-password {}"),
        ("postfix", "[smtp.example.org]:587 ann:{}"),
        ("dovecot", "ann:{{PLAIN}}{}"),
        ("kubernetes", '- {{name: DB_PASSWORD, value: "{}"}}'),
        ("kubernetes", "  - name: DB_PASSWORD\n+    value: {}"),
        (".netrc", "machine h login ann account b password {}"),
    ):
        for value in (d.password, d.of(ALNUM, 16)):
            yield Shape(kind, f"+{line.format(value)}\n", value)
    for kind, line, value in (
        (".npmrc", "//npm.example.org/:_authToken={}", d.of(ALNUM, 36)),
        ("docker", '      "auth": "{}"', base64.b64encode(b"ann:" + d.of(ALNUM, 12).encode()).decode()),
        ("kubeconfig", "    client-key-data: {}", "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSB" + d.of(B64, 60)),
        ("kubeconfig", "    token: {}", d.of(ALNUM, 40)),
        ("htpasswd", "ann:$apr1${}", f"{d.of(ALNUM, 8)}${d.of(ALNUM, 22)}"),
        ("shadow", "root:$6${}:19000:0:99999:7:::", f"{d.of(ALNUM, 8)}${d.of(ALNUM, 86)}"),
        ("aws", "aws_secret_access_key = {}", d.of(B64, 40)),
        ("kaggle", '{{"username":"ann","key":"{}"}}', d.of(HEX, 32)),
    ):
        yield Shape(kind, f" {line.format(value)}\n", value)


def _code(d: Draw) -> Iterator[Shape]:
    for line in (
        'password = "{}"',
        "API_KEY = '{}'",
        'os.environ["HF_TOKEN"] = "{}"',
        "os.environ.setdefault('WANDB_API_KEY', '{}')",
        'wandb.login(key="{}")',
        'client = OpenAI(api_key="{}")',
        'connect(user="ann", password="{}")',
        "self._secret = b'{}'",
        'const apiKey = "{}";',
        "let authToken = `{}`",
        'String password = "{}";',
        'dbPassword := "{}"',
        'headers = {{"x-api-key": "{}"}}',
        'headers = {{"Authorization": "Bearer {}"}}',
        'requests.get(u, auth=("ann", "{}"))',
        "login(token='{}')",
        'Sys.setenv(OPENAI_API_KEY = "{}")',
        'spark.conf.set("fs.azure.account.key.x", "{}")',
        '$password = "{}"',
        'parser.add_argument("--token", default="{}")',
    ):
        value = d.of(ALNUM, 32)
        yield Shape("code", f"{d.one(['+', '-', ' '])}    {line.format(value)}\n", value)


def _keys(d: Draw) -> Iterator[Shape]:
    row = d.of(B64, 64)
    yield Shape("PuTTY key", f"+PuTTY-User-Key-File-3: ssh-ed25519\n+Private-Lines: 1\n+{row}\n+Private-MAC: 0\n", row)
    for name in ("RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK"):
        rows = [d.of(B64, 64) for _ in range(4)]
        body = "".join(f"+{row}\n" for row in rows)
        yield Shape("private key", f"+-----BEGIN {name}-----\n{body}+-----END {name}-----\n", rows[2])
        yield Shape("middle of a private key", "@@ -8,4 +8,4 @@\n" + body.replace("+", " ", 1), rows[1])
        text = "\\n".join(rows)
        yield Shape("private key", [f"--pem=-----BEGIN {name}-----\\n{text}\\n-----END {name}-----"], rows[0])
