/** What a param is for, by its name: it repeats a run, such as a seed, or names it, such as its folder. */

const REPEATS =
  /(^|_)(seed|random_state|rng|fold|repeat|repetition|replicate|replica|trial)s?(_?(\d+|id|idx|index|no|num|number|everything))?$/;

const NAMES =
  /^(run|job|exp|experiment|slurm_job)_(name|id|uid|uuid)$|(^|_)(path|dir|directory|folder|logdir|output|timestamp|hostname|pid|port)$/;

/** `name` and `id` of a run, not of its model or dataset. */
const OWN = /^((hparams|params|config|cfg|args|run|job|exp|experiment)\.)?(name|id|uid|uuid)$/i;

/** The last part of a path, in lower case with underscores. */
const wordsOf = (path: string): string =>
  path
    .slice(path.lastIndexOf('.') + 1)
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[\s-]/g, '_')
    .toLowerCase();

export const repeatsRuns = (path: string): boolean => REPEATS.test(wordsOf(path));

export const namesRuns = (path: string): boolean => NAMES.test(wordsOf(path)) || OWN.test(path);

/** The end of a path says nothing without the part before it. */
const VAGUE = /^(name|id|type|kind|value|version)$/i;

/** What a param is called where room is short: the last part of its path, or the last two. */
export function shortParam(path: string): string {
  const parts = path.split('.');
  return parts.slice(VAGUE.test(parts.at(-1) ?? '') ? -2 : -1).join('.');
}
