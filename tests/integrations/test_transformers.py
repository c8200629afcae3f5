"""A tiny BERT, built here, trained by the real Trainer; and by TRL's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework, only

torch = framework("torch")
transformers = framework("accelerate", "transformers")

from aim.integrations.transformers import AimCallback  # noqa: E402


class Examples(torch.utils.data.Dataset):  # type: ignore[misc]
    def __len__(self) -> int:
        return 16

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"input_ids": torch.tensor([1, index, 2]), "labels": torch.tensor(index % 2)}


def trainer(folder: Path, *callbacks: Any, **options: Any) -> Any:
    config = transformers.BertConfig(
        vocab_size=32, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    settings = {
        "output_dir": str(folder / "out"),
        "num_train_epochs": 2,
        "per_device_train_batch_size": 8,
        "logging_steps": 1,
        "eval_strategy": "epoch",
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": True,
    }
    return transformers.Trainer(
        model=transformers.BertForSequenceClassification(config),
        args=transformers.TrainingArguments(**{**settings, **options}),
        train_dataset=Examples(),
        eval_dataset=Examples(),
        callbacks=list(callbacks),
    )


def test_training_evaluation_and_prediction(tmp_path: Path) -> None:
    trained = trainer(tmp_path, AimCallback(experiment="bert"))
    trained.train()
    assert [run.status for run in aim.select_runs(None, tmp_path)] == ["finished"]
    trained.evaluate()
    run, series = only(tmp_path)
    assert series["loss", "train"].steps.tolist() == [1, 2, 3, 4]
    assert series["loss", "train"].epochs.tolist() == [0.5, 1.0, 1.5, 2.0]
    assert series["loss", "val"].steps.tolist() == [2, 4, 4]
    assert len(series["lr", "train"]) == 4
    assert ("train_runtime", "train") in series
    assert not any(name == "epoch" for name, _ in series)
    assert run.experiment == "bert"
    assert run.params["hparams"]["per_device_train_batch_size"] == 8
    assert run.params["model"]["hidden_size"] == 8
    assert run.params["model"]["parameters"] > 100


def test_by_name(tmp_path: Path) -> None:
    trainer(tmp_path, report_to="aim").train()
    run, series = only(tmp_path)
    assert ("loss", "val") in series
    assert run.status == "finished"


def test_a_failed_training_is_a_failed_run(tmp_path: Path) -> None:
    class Diverges(transformers.TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *args: Any, **others: Any) -> None:
            raise ArithmeticError("diverged")

    callback = AimCallback()
    with pytest.raises(ArithmeticError):
        trainer(tmp_path, callback, Diverges()).train()
    trainer(tmp_path, callback).train()
    assert sorted(run.status for run in aim.select_runs(None, tmp_path)) == ["failed", "finished"]


def test_other_processes_record_nothing(tmp_path: Path) -> None:
    callback = AimCallback()
    arguments = transformers.TrainingArguments(output_dir=str(tmp_path), report_to="none", use_cpu=True)
    state = transformers.TrainerState(is_world_process_zero=False)
    callback.on_train_begin(arguments, state, None, model=None)
    callback.on_log(arguments, state, None, logs={"loss": 1.0})
    callback.on_train_end(arguments, state, None)
    assert not (tmp_path / ".aim").exists()


def test_trl(tmp_path: Path) -> None:
    trl = framework("trl")
    datasets = framework("datasets")
    config = transformers.LlamaConfig(
        vocab_size=64, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    tokenizer = words(tmp_path)
    arguments = trl.SFTConfig(
        output_dir=str(tmp_path / "out"), max_steps=2, logging_steps=1, report_to="none", use_cpu=True, bf16=False,
        disable_tqdm=True, save_strategy="no", per_device_train_batch_size=2, eos_token="a",
    )  # fmt: skip
    trained = trl.SFTTrainer(
        model=transformers.LlamaForCausalLM(config),
        args=arguments,
        train_dataset=datasets.Dataset.from_dict({"text": ["a b c d", "b c d a", "c d a b", "d a b c"]}),
        processing_class=tokenizer,
        callbacks=[AimCallback()],
    )
    trained.train()
    run, series = only(tmp_path)
    assert series["loss", "train"].steps.tolist() == [1, 2]
    assert run.params["hparams"]["max_steps"] == 2


def words(folder: Path) -> Any:
    """A tokenizer of four words."""
    tokenizers = framework("tokenizers")
    model = tokenizers.models.WordLevel({"a": 0, "b": 1, "c": 2, "d": 3, "[UNK]": 4}, unk_token="[UNK]")
    plain = tokenizers.Tokenizer(model)
    plain.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=plain, unk_token="[UNK]", pad_token="a", eos_token="a")
