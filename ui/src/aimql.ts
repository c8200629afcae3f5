// Generated from aim/query by `python -m aim.server.wire aimql > ui/src/aimql.ts`. Edit those files instead.

export const KEYWORDS: ReadonlySet<string> = new Set(["False", "None", "True", "and", "else", "if", "in", "is", "not", "or"]);
export const CONSTANTS: ReadonlySet<string> = new Set(["False", "None", "True", "inf", "nan"]);
export const FUNCTIONS: ReadonlySet<string> = new Set(["abs", "at_best", "at_max", "at_min", "bool", "contains", "date", "day", "days", "endswith", "exp", "float", "hour", "int", "isinf", "isnan", "len", "log", "log10", "lower", "match", "max", "min", "month", "now", "round", "search", "sqrt", "startswith", "str", "upper", "year"]);

/** A name that needs no quotes, as the source of a regular expression with the flag `u`. */
export const WORD = "[\\p{L}\\p{Nl}\\p{No}_][\\p{L}\\p{N}_]*";

/** Parts of names of metrics of which higher, or lower, values are better, as regular expressions for any case. */
export const RISING = "acc(?!um)|f1|auc|precision|recall|score|(?<!heat)mAP(?!p)|iou(?!s)|bleu|rouge|reward|return|(?<![aeiouy])r2|psnr|ssim|dice(?!s)|win(?!d)|success|throughput|per_sec";
export const FALLING = "loss|err(?!ain|ed|up)|perplexity|ppl|mse|mae|divergence|distance|latency|(?<!con)fid";

/** What a text in double quotes holds in place of these characters. */
export const ESCAPES: ReadonlyMap<string, string> = new Map([["\\", "\\\\"], ["\"", "\\\""], ["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);

/** The names of formats of other trackers for people. */
export const FORMATS: ReadonlyMap<string, string> = new Map([["tensorboard", "TensorBoard"], ["wandb", "W&B"], ["mlflow", "MLflow"], ["csv", "CSV and JSON lines"], ["trainer", "Transformers"], ["trackio", "trackio"], ["aim3", "Aim 3"], ["aim2", "Aim 2"], ["dvclive", "DVCLive"], ["sacred", "Sacred"], ["swanlab", "SwanLab"], ["clearml", "ClearML"], ["comet", "Comet"], ["neptune", "Neptune"]]);
