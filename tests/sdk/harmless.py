"""Harmless arguments, variables and lines of diffs that look like secrets, made from a seed."""

from __future__ import annotations

import json

from tests.sdk.shapes import B64, HEX, Draw

BASE32 = "0123456789abcdfghijklmnpqrsvwxyz"
MODELS = (
    "meta-llama/Llama-3.1-8B-Instruct",
    "bert-base-uncased",
    "resnet50.a1_in1k",
    "vit_base_patch16_224.augreg2_in21k_ft_in1k",
    "google/flan-t5-xl",
    "stabilityai/stable-diffusion-xl-base-1.0",
    "sk-learn-contrib",
    "hf-internal-testing/tiny-random-gpt2",
    "EleutherAI/pythia-1.4b-deduped",
    "facebook/wav2vec2-large-xlsr-53",
    "Qwen/Qwen2.5-Coder-32B-Instruct-GPTQ-Int4",
)
WORDS = ("glowing", "sun", "misty", "river", "baseline", "ablation", "sweep", "golden", "fox", "run", "final", "large")


def _place(d: Draw) -> str:
    return d.one(
        [
            f"/data/{d.one(WORDS)}/{d.of(HEX, 40)}/shard-{d.number(0, 999):05}.tar",
            f"s3://bucket-{d.one(WORDS)}/runs/{_uuid(d)}/last.ckpt",
            f"gs://a-b/{d.one(WORDS)}_{d.number(1, 9)}/step={d.number(1, 90000)}-loss=0.{d.number(0, 99)}.ckpt",
            f"~/.cache/huggingface/hub/models--bert/snapshots/{d.of(HEX, 40)}",
            f"./outputs/2026-11-28/{d.number(10, 23)}-{d.number(10, 59)}-03",
            f"/nix/store/{d.of(HEX + 'ghijkmnpqrsvwxyz', 32)}-python3-3.11.7/bin",
            f"https://example.org:8443/{d.one(WORDS)}?page={d.number(1, 9)}",
            f"ghcr.io/org/image@sha256:{d.of(HEX, 64)}",
            f"/home/ann/PyTorch2Lightning/Experiments_{d.number(2020, 2030)}/checkpoints",
            "http://localhost:8080/api/v1",
            "git@github.com:org/repo.git",
            "git+ssh://git@github.com/org/repo.git",
            "file:///data/tokens/train.bin",
        ]
    )


def _uuid(d: Draw) -> str:
    return "-".join(d.of(HEX, count) for count in (8, 4, 4, 4, 12))


def _number(d: Draw) -> str:
    return d.one(
        [
            f"{d.number(1, 4096)}",
            f"0.{d.number(1, 9999):04}",
            f"{d.number(1, 9)}e-{d.number(2, 6)}",
            "true",
            "False",
            "null",
            "16-mixed",
        ]
    )


def arguments(d: Draw) -> list[str]:
    name = d.one(
        (
            "lr",
            "batch-size",
            "max_tokens",
            "max-new-tokens",
            "pad_token_id",
            "num-tokens",
            "eos-token-id",
            "token_dropout",
            "tokens_per_batch",
            "n_heads",
            "key-dim",
            "num_keys",
            "keyframe-interval",
            "passes",
            "n_pass",
            "two-pass",
            "author-count",
            "seed",
            "warmup",
            "tokenizer_workers",
            "use-auth-token",
            "private",
            "hub_private_repo",
            "secretary-problem-size",
            "sort_key_limit",
            "pixel-shuffle",
            "compass-size",
            "depth",
        )
    )
    word = d.one(
        (
            "--image_key",
            "--label-key",
            "--text_key",
            "--monitor",
            "--tokenizer",
            "--author",
            "--keys",
            "--sort-key",
            "--eos_token",
            "--pad_token",
            "--token-type",
            "--revision",
            "--commit",
            "--run-name",
            "--partition-key",
            "--monkey",
            "--public-key-path",
            "--metric",
            "--model",
        )
    )
    value = d.one(
        (
            d.one(MODELS),
            d.one(WORDS),
            f"{d.one(WORDS)}-{d.one(WORDS)}-{d.number(1, 99)}",
            d.of(HEX, 40),
            d.of(HEX, 7),
            "</s>",
            "<|endoftext|>",
            "[PAD]",
            _uuid(d),
        )
    )
    return d.one(
        (
            [f"--{name}", _number(d)],
            [f"--{name}={_number(d)}"],
            [f"model.{name.replace('-', '_')}={_number(d)}"],
            [word, value],
            [f"{word}={value}"],
            ["--data", _place(d)],
            [f"--resume={_place(d)}"],
            [_place(d)],
            ["--optim", f"adamw,lr={_number(d)},betas=(0.9,0.95)"],
            ["-u", "train.py"],
            ["--user", f"{d.number(100, 2000)}:{d.number(100, 2000)}"],
            ["--config", json.dumps({"lr": 0.1, "max_tokens": d.number(1, 9999), "key": d.one(WORDS)})],
            ["-p", "8080:80"],
            [f"+trainer.devices=[{d.number(0, 7)}]"],
            ["--note", f"pass {d.number(1, 9)} of the token ablation, key: {d.one(WORDS)}"],
            ["--metrics", "token:accuracy"],
            ["--map", f"a:{d.number(1, 99)}:b"],
        )
    )


def variables(d: Draw) -> tuple[str, str]:
    number = str(d.number(0, 9999))
    return d.one(
        (
            ("CUDA_VISIBLE_DEVICES", f"GPU-{_uuid(d)}"),
            ("NVIDIA_VISIBLE_DEVICES", "0,1,2,3"),
            ("NCCL_SOCKET_IFNAME", "eth0"),
            ("NCCL_DEBUG", "INFO"),
            ("OMP_NUM_THREADS", number),
            ("SLURM_JOB_ID", number),
            ("SLURM_JOB_NODELIST", f"node[{number}-9999]"),
            ("SLURM_JOB_NAME", f"{d.one(WORDS)}_{number}"),
            ("PATH", f"/usr/bin:/opt/{d.one(WORDS)}/bin:{_place(d)}"),
            ("LD_LIBRARY_PATH", f"/usr/local/cuda-12.4/lib64:/opt/conda/envs/{d.one(WORDS)}{number}/lib"),
            ("PYTHONPATH", f"/home/ann/MyVeryLongProjectName{number}/src/PyTorchLightningModules"),
            ("PYTHONHASHSEED", number),
            ("CONDA_PREFIX", f"/opt/conda/envs/Training{number}"),
            ("TOKENIZERS_PARALLELISM", "false"),
            ("HF_HOME", _place(d)),
            ("HF_HUB_OFFLINE", "1"),
            ("TORCH_CUDA_ARCH_LIST", "7.5;8.0;8.6+PTX"),
            ("TORCH_HOME", _place(d)),
            ("PYTORCH_CUDA_ALLOC_CONF", "max_split_size_mb:128,expandable_segments:True"),
            ("XLA_FLAGS", f"--xla_gpu_autotune_level={number} --xla_dump_to=/tmp/x"),
            ("TF_CPP_MIN_LOG_LEVEL", "2"),
            ("MASTER_ADDR", f"10.0.{d.number(0, 255)}.{d.number(0, 255)}"),
            ("MASTER_PORT", number),
            ("CI_COMMIT_SHA", d.of(HEX, 40)),
            ("CONDA_PYTHON_EXE", "/opt/conda/bin/python"),
            ("MKL_NUM_THREADS", number),
            ("RAY_JOB_ID", _uuid(d)),
            ("SLURM_CLUSTER_NAME", d.one(WORDS)),
            ("DATA_SHA256", d.of(HEX, 64)),
            ("LANG", "en_US.UTF-8"),
            ("TZ", "Europe/Berlin"),
            ("MAX_TOKENS", number),
            ("AIM_RUN", f"{d.one(WORDS)}-{d.one(WORDS)}-{number}"),
            ("KEYBOARD_LAYOUT", "de"),
            ("MODEL_NAME", d.one(MODELS)),
            ("SLURM_TOPOLOGY_ADDR", f"s0.s{number}.node{number}"),
            ("UCX_TLS", "rc,cuda_copy,cuda_ipc,sm"),
            ("JAX_PLATFORMS", "cuda,cpu"),
        )
    )


def lines(d: Draw) -> str:
    number = d.number(1, 9999)
    line = d.one(
        (
            "import secrets, getpass, token",
            "def authenticate(self, user: str, password: str) -> Token:",
            "    password: str",
            "    token: Optional[str] = None",
            "    password = getpass.getpass()",
            "    token = os.environ['HF_TOKEN']",
            "    api_key=settings.api_key,",
            "    auth=auth,",
            "    key = (name, context)",
            f"    max_tokens = {number}",
            f"    pad_token_id: {number}",
            "    tokenizer = AutoTokenizer.from_pretrained(name)",
            "    eos_token = '</s>'",
            "    tokens = text.split()",
            f"    loss = tokens.sum() / {number}",
            "    for key, value in state.items():",
            "    if token == self.pad_token:",
            "    secret = request.headers.get('x-secret')",
            "    hf_pretrained_model_name_or_path = args.model",
            "    credentials = service_account.Credentials.from_file(path)",
            "    raise ValueError('the password is wrong')",
            f"index {d.of(HEX, 7)}..{d.of(HEX, 7)} 100644",
            f"numpy==2.{number} --hash=sha256:{d.of(HEX, 64)}",
            f'      "integrity": "sha512-{d.of(B64, 86)}==",',
            f'{{file = "a-1.0.whl", hash = "sha256:{d.of(HEX, 64)}"}},',
            f'    "image/png": "iVBORw0KGgo{d.of(B64, 400)}",',
            f"Subproject commit {d.of(HEX, 40)}",
            f"uses: actions/checkout@{d.of(HEX, 40)}",
            f"image: ghcr.io/o/i@sha256:{d.of(HEX, 64)}",
            f"  run_id: {_uuid(d)}",
            f'  "id": "{d.of(HEX, 8)}",',
            f"  path: {_place(d)}",
            f"    url = 'http://localhost:{number}/auth?page=2'",
            "    self.key = nn.Linear(dim, dim)",
            "    key_padding_mask=mask, need_weights=False",
            "  password: ${DB_PASSWORD}",
            "  token: {{ secrets.GITHUB_TOKEN }}",
            "password = <your password>",
            "API_KEY=$API_KEY",
            "    headers = {'Authorization': f'Bearer {token}'}",
            "type: password",
            f"    x{number} = foo(bar, key=len)",
            "    parser.add_argument('--token', help='the token of the hub')",
            "    parser.add_argument('--password', default=None)",
            "    return hash((self.key, self.token))",
            "# pass the token to the next stage",
            "A secret of good training: more data.",
            "    class_token: true",
            "auth: none",
            "private: false",
            "    batch['token_type_ids'] = ids",
            f"    assert tokens.shape == ({number}, 2)",
            "    monitor: val/token_accuracy",
            "Passwords and tokens: see the docs.",
            f"    'lr': 0.{number}, 'sort_key': 'date',",
            f"mean: [0.{number}, 0.456, 0.406]",
            "    session = Session(bind=engine)",
            "    cookie = request.cookies",
            "- name: token-classification",
            "    with open(token_file) as file:",
            "    self.private = private",
            "    key=lambda item: item.score",
            "const token = await getToken();",
            "  apiKey: process.env.API_KEY,",
            "  password: string;",
            "    token: str = field(default='')",
            f"    color: '#{d.of(HEX, 6)}'",
            "    access_token = response.json()['access_token']",
            "    salt = os.urandom(16)",
            f"12:30:4{number % 10} INFO step {number}",
            "git clone git@github.com:o/r.git",
            f"  digest: sha256:{d.of(HEX, 64)}",
        )
    )
    return f"{d.one(('+', '-', ' '))}{line}\n"


def harmless() -> list[list[str] | tuple[str, str] | str]:
    """2,000 arguments, variables and lines of diffs."""
    d = Draw(42)
    return [*(arguments(d) for _ in range(800)), *(variables(d) for _ in range(400)), *(lines(d) for _ in range(800))]
