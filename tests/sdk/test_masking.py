"""One table of secrets for command lines, variables and diffs."""

from __future__ import annotations

import pytest

from aim.sdk.masking import MASK, is_secret_name, masked, masked_argv, masked_diff, masked_env

SECRET_NAMES = [
    *("token", "HF_TOKEN", "hf-token", "token_id", "TOKEN_FILE", "authtoken", "access.token", "tokens"),
    *("secret", "AWS_SECRET_ACCESS_KEY", "client-secret", "SECRETS"),
    *("password", "PASSWD", "db_passwords", "passphrase", "ssh-passphrase", "pwd", "DB_PWD", "db-pwd"),
    *("credential", "GOOGLE_APPLICATION_CREDENTIALS", "auth", "BASIC_AUTH", "auth_header", "Authorization", "oauth2"),
    *("api_key", "api-key", "apikey", "WANDB_API_KEY", "wandb.api_key", "api_keys", "access_key", "ACCESS-KEY-ID"),
    *("private_key", "private-key", "PRIVATE", "accesskey"),
]
OPEN_NAMES = [
    *("lr", "tokenizer", "TOKENIZERS_PARALLELISM", "tokenization", "author", "AUTHORS", "monkey", "key", "keys"),
    *("public_key", "cpwd", "compass", "secre", "path", "keyword", "host", "user", "RANK"),
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_values_of_a_secret_name_are_masked_everywhere(name: str) -> None:
    assert is_secret_name(name)
    assert masked_argv([f"{name}=x", f"--{name}=x", f"--{name}", "x"]) == [
        *(f"{name}={MASK}", f"--{name}={MASK}", f"--{name}", MASK)
    ]
    assert masked_env({name: "x"}) == {name: None}
    if name.isidentifier():
        assert masked_diff(f"+{name} = 'x'\n") == f"+{name} = {MASK}\n"


@pytest.mark.parametrize("name", OPEN_NAMES)
def test_values_of_other_names_are_kept(name: str) -> None:
    assert not is_secret_name(name)
    argv = [f"{name}=x", f"--{name}=x", f"--{name}", "x"]
    assert masked_argv(argv) == argv
    assert masked_env({name: "x"}) == {name: "x"}
    assert masked_diff(f"+{name} = 'x'\n") == f"+{name} = 'x'\n"


TOKENS = [
    *("hf_abcdefghijklmnop", "sk-abcdefghijklmnopqrst", "ghp_0123456789abcdefghij", "gho_0123456789abcdefghij"),
    *("ghs_0123456789abcdefghij", "github_pat_0123456789ab", "glpat-0123456789ab", "xoxa-0123456789ab"),
    *("xoxb-0123456789ab", "xoxp-0123456789ab", "AKIA0123456789ABCDEF", "AIza0123456789abcdef"),
    "eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2lnbmF0",
    "aim_0123456789ab_" + "aB3-" * 10 + "_x9",
]


@pytest.mark.parametrize("token", TOKENS)
def test_well_known_tokens_are_masked_everywhere(token: str) -> None:
    assert masked(f"a {token} b") == f"a {MASK} b"
    assert masked_argv([token, f"--x={token}"]) == [MASK, f"--x={MASK}"]
    assert masked_env({"ANY": token}) == {"ANY": None}
    assert masked_diff(f"+login('{token}')\n") == f"+login('{MASK}')\n"


COMMANDS = [
    ("mysql -u root -psecret db", "mysql -u root -p*** db"),
    ("mysql -P 3306 -p db", "mysql -P 3306 -p db"),
    ("sshpass -p secret ssh -p 22 h", "sshpass -p *** ssh -p 22 h"),
    ("sshpass -e ssh -p 22 h", "sshpass -e ssh -p 22 h"),
    ("aim run -- sshpass -psecret ssh -p 22 h", "aim run -- sshpass -p*** ssh -p 22 h"),
    ("redis-cli -p 6379 -a secret", "redis-cli -p 6379 -a ***"),
    ("redis-cli -a $A ping", "redis-cli -a $A ping"),
    ("/opt/bin/sqlcmd -P secret -p 1", "/opt/bin/sqlcmd -P *** -p 1"),
    ("mosquitto_sub -p 1883 -P secret", "mosquitto_sub -p 1883 -P ***"),
    ("docker login -u a -p secret", "docker login -u a -p ***"),
    ("docker run -p 8080:80 image", "docker run -p 8080:80 image"),
    ("openssl enc -k secret -in a", "openssl enc -k *** -in a"),
    ("ssh -p 8080 h", "ssh -p 8080 h"),
    ("python train.py -p 8080 -a relu -P 3", "python train.py -p 8080 -a relu -P 3"),
    ("zip -r a.zip -p a", "zip -r a.zip -p a"),
    ("zip -Ppw x", "zip -P*** x"),
    ("unzip -Ppw", "unzip -P***"),
    ("python train.py --dataset zip -P 4", "python train.py --dataset zip -P 4"),
    ("train.py mongo -p 32", "train.py mongo -p 32"),
    ("train.py mongo -patience 3", "train.py mongo -patience 3"),
    ("train.py --db mysql -p32", "train.py --db mysql -p32"),
    ("docker run -p 8080:80 img login", "docker run -p 8080:80 img login"),
    ("docker run --name mongo -p 27017:27017 mongo", "docker run --name mongo -p 27017:27017 mongo"),
    ("docker --config a login -psecret h", "docker --config a login -p*** h"),
    ("helm registry login -p secret", "helm registry login -p ***"),
    ("sudo -u ann nice -n 10 env A=1 mysql -psecret", "sudo -u ann nice -n 10 env A=1 mysql -p***"),
    ("sudo nohup python train.py mongo -p 32", "sudo nohup python train.py mongo -p 32"),
    ("timeout 60 mysqldump -psecret", "timeout 60 mysqldump -p***"),
    ("A=1 mysql -psecret", "A=1 mysql -p***"),
    ("ssh -p 22 host mysql -psecret db", "ssh -p 22 host mysql -p*** db"),
    ("sshpass -p secret ssh h mysql -psecret", "sshpass -p *** ssh h mysql -p***"),
    ("docker exec -it c mysql -psecret", "docker exec -it c mysql -p***"),
    ("aim run -- python train.py zip -P 4", "aim run -- python train.py zip -P 4"),
]


@pytest.mark.parametrize(("command", "shown"), COMMANDS)
def test_short_options_of_known_programs_are_masked(command: str, shown: str) -> None:
    assert masked_argv(command.split()) == shown.split()
    assert masked(command) == shown
    assert masked_diff(f"+{command}\n") == f"+{shown}\n"
    listed, masked_list = (f"+run({line.split()})\n".replace("'", '"') for line in (command, shown))
    assert masked_diff(listed) == masked_list


IN_CODE = [
    ('-password = "hunter2"', "-password = ***"),
    ("-DB_PASSWORD=hunter2", "-DB_PASSWORD=***"),
    ('+    password: str = "hunter2"', "+    password: str = ***"),
    ('+    api_key: Optional[str] = "hunter2"', "+    api_key: Optional[str] = ***"),
    ('+let secret: &str = "hunter2";', "+let secret: &str = ***;"),
    ('+  private password: string | null = "hunter2";', "+  private password: string | null = ***;"),
    ('+var password string = "hunter2"', "+var password string = ***"),
    ('+x: password = "hunter2"', "+x: password = ***"),
    ("+PASSWORD ?= dragon7fly", "+PASSWORD ?= ***"),
    ("+host=h user=u password=dragonfly dbname=d", "+host=h user=u password=*** dbname=d"),
    ('+connect("host=h password=dragonfly")', '+connect("host=h password=***")'),
    ("+connect(host=h, password=password_of_user)", "+connect(host=h, password=password_of_user)"),
    ("+    token: str = None", "+    token: str = None"),
    ('+    name: str = "dragonfly"', '+    name: str = "dragonfly"'),
]


@pytest.mark.parametrize(("line", "shown"), IN_CODE)
def test_values_in_code_and_settings_are_masked(line: str, shown: str) -> None:
    assert masked_diff(f"{line}\n") == f"{shown}\n"


def test_settings_between_spaces_are_masked_in_an_argument() -> None:
    argv = ["psql", "host=h user=u password=dragonfly dbname=d"]
    assert masked_argv(argv) == ["psql", "host=h user=u password=*** dbname=d"]


IN_SHELLS = [
    ("cd x && zip -P secret a; ls | mysql -psecret", "cd x && zip -P *** a; ls | mysql -p***"),
    ("x=$(mysql -psecret db)", "x=$(mysql -p*** db)"),
    ("(unzip -P secret a)", "(unzip -P *** a)"),
    ("if ! mysql -psecret; then", "if ! mysql -p***; then"),
    ("RUN mysql -psecret", "RUN mysql -p***"),
    ("  - run: mysql -psecret", "  - run: mysql -p***"),
    ('bash -c "mysql -psecret db"', 'bash -c "mysql -p*** db"'),
    ("os.system('mysql -psecret db')", "os.system('mysql -p*** db')"),
    ('cmd = "mysql -psecret db"', 'cmd = "mysql -p*** db"'),
    ('run(["sudo", "mysql", "-psecret"])', 'run(["sudo", "mysql", "-p***"])'),
    ('run(["python", "t.py", "mongo", "-p", "32"])', 'run(["python", "t.py", "mongo", "-p", "32"])'),
    ("echo 1; train.py mongo -p 32", "echo 1; train.py mongo -p 32"),
    ("for a, b in zip(x, y): f(-P, -p)", "for a, b in zip(x, y): f(-P, -p)"),
    ("the program mongo -p 32 is known", "the program mongo -p 32 is known"),
]


@pytest.mark.parametrize(("line", "shown"), IN_SHELLS)
def test_command_lines_are_found_where_a_command_begins(line: str, shown: str) -> None:
    assert masked(line) == shown
    assert masked_diff(f"+{line}\n") == f"+{shown}\n"
    assert masked_argv(["sh", "-c", line]) == ["sh", "-c", shown]


URLS = [
    ("https://ada:pw@github.com/a/b.git", f"https://{MASK}@github.com/a/b.git"),
    ("https://token@example.org/x", f"https://{MASK}@example.org/x"),
    ("postgres://ada:pw@host/db", f"postgres://{MASK}@host/db"),
    ("https://ada:p@ss@host", f"https://{MASK}@host"),
    ("https://ada:p/ss@host", f"https://{MASK}@host"),
    ("https://ada:p/s@s@host/x", f"https://{MASK}@host/x"),
    ("https://ada@example.org:p/ss@host", f"https://{MASK}@host"),
    ("redis://:p/w@host/0", f"redis://{MASK}@host/0"),
    ("https://example.org/@scope/name", "https://example.org/@scope/name"),
    ("http://localhost:8080/x", "http://localhost:8080/x"),
    ("git@github.com:a/b.git", "git@github.com:a/b.git"),
    ("https://github.com/a/b.git", "https://github.com/a/b.git"),
    ("https://example.org/auth?page=2", "https://example.org/auth?page=2"),
]


@pytest.mark.parametrize(("url", "shown"), URLS)
def test_logins_in_urls_are_masked_everywhere(url: str, shown: str) -> None:
    assert masked(url) == shown
    assert masked_argv([url, f"--db={url}"]) == [shown, f"--db={shown}"]
    assert masked_env({"ANY": url}) == {"ANY": url if url == shown else None}
    assert masked_diff(f"+open({url!r})\n") == f"+open({shown!r})\n"


RANDOM = ["0123456789abcdef0123456789abcdef01234567", "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG"]


@pytest.mark.parametrize("value", RANDOM)
def test_random_text_is_masked_in_variables_and_kept_on_the_command_line(value: str) -> None:
    assert masked_env({"ANY": value, "OTHER": value[:30]}) == {"ANY": None, "OTHER": value[:30]}
    assert masked_argv([f"--revision={value}"]) == [f"--revision={value}"]


def test_long_values_of_variables_are_cut() -> None:
    assert masked_env({"A": "/x:" * 5000, "B": "y" * 4096}) == {"A": ("/x:" * 5000)[:4096] + "…", "B": "y" * 4096}


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["t.py", "--lr", "0.1"], ["t.py", "--lr", "0.1"]),
        (["t.py", "--api-key", "abc"], ["t.py", "--api-key", MASK]),
        (["t.py", "--api_key=abc"], ["t.py", f"--api_key={MASK}"]),
        (["t.py", "--password", "-x"], ["t.py", "--password", MASK]),
        (["t.py", "--hf-token", "abc", "--lr", "1"], ["t.py", "--hf-token", MASK, "--lr", "1"]),
        (["t.py", "--password", "--x"], ["t.py", "--password", MASK]),
        (["t.py", "--token", "--lr", "1"], ["t.py", "--token", MASK, "1"]),
        (["t.py", "--password", "--token", "abc"], ["t.py", "--password", MASK, MASK]),
        (["t.py", "wandb.api_key=abc"], ["t.py", f"wandb.api_key={MASK}"]),
        (["t.py", "+secret=abc"], ["t.py", f"+secret={MASK}"]),
        (["t.py", "AWS_SECRET_ACCESS_KEY=abc"], ["t.py", f"AWS_SECRET_ACCESS_KEY={MASK}"]),
        (["t.py", "--db", "postgres://ada:pw@host/db"], ["t.py", "--db", f"postgres://{MASK}@host/db"]),
        (["t.py", "hf_abcdefghijklmnop"], ["t.py", MASK]),
        (["t.py", "--x=sk-abcdefghijklmnopqrst"], ["t.py", f"--x={MASK}"]),
        (["t.py", "ghp_0123456789abcdefghij"], ["t.py", MASK]),
        (["t.py", "--tokenizer", "bert"], ["t.py", "--tokenizer", "bert"]),
        (["t.py", "data/private/x=1", "private"], ["t.py", "data/private/x=1", "private"]),
        (["t.py", "--author", "me", "--monkey", "x"], ["t.py", "--author", "me", "--monkey", "x"]),
        ([], []),
    ],
)
def test_secrets_of_the_command_line_are_masked(argv: list[str], shown: list[str]) -> None:
    assert masked_argv(argv) == shown


LINES = [
    ("+x = 1", "+x = 1"),
    ("+API_KEY = 'abcdefgh'", f"+API_KEY = {MASK}"),
    ('-  "password": "hunter2",', f'-  "password": {MASK},'),
    (" db_password: s3cretword", f" db_password: {MASK}"),
    ("+token = os.environ['HF_TOKEN']", "+token = os.environ['HF_TOKEN']"),
    ("+max_tokens = 4096", "+max_tokens = 4096"),
    ("+tokenizer = 'gpt2'", "+tokenizer = 'gpt2'"),
    ("+key = 'loss'", "+key = 'loss'"),
    ("+    url = 'https://ann:word@example.org'", f"+    url = 'https://{MASK}@example.org'"),
    ("+login('hf_abcdefghijklmnopqrst')", f"+login('{MASK}')"),
    ("+SECRET=abc123def", f"+SECRET={MASK}"),
]


@pytest.mark.parametrize("line, shown", LINES)
def test_lines_that_look_like_secrets_are_masked(line: str, shown: str) -> None:
    assert masked_diff(line + "\n") == shown + "\n"


def test_long_lines_are_read_to_their_end() -> None:
    rest = "iVBORw0KGgo/abc+" * 20_000
    assert masked_diff(f"+{rest} token='abcdefgh'\n") == f"+{rest} token={MASK}\n"


def test_a_private_key_is_masked_whole() -> None:
    diff = "+a\n+-----BEGIN RSA PRIVATE KEY-----\n+MIIE\n+abcd\n+-----END RSA PRIVATE KEY-----\n+b\n"
    assert masked_diff(diff) == f"+a\n{f'+{MASK}' + chr(10):s}" + f"+{MASK}\n" * 3 + "+b\n"
