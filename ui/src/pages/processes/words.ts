/**
 * Command lines as people write them, and the arguments that a program receives. No shell runs anything here, so a
 * pasted line is split by POSIX quoting rules alone, and syntax that only a shell understands is reported.
 */

export interface Pasted {
  readonly argv: readonly string[];
  /** `NAME=value` words before the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Shell syntax that has no effect here. */
  readonly notes: readonly string[];
}

const SHELL: readonly (readonly [RegExp, string])[] = [
  [/[|]/, 'a pipe'],
  [/[<>]/, 'a redirection'],
  [/[;&]/, 'a second command'],
  [/`|\$\(/, 'command substitution'],
];

/** One word at a time; `bare` is its unquoted part. */
function* wordsOf(text: string): Generator<{ word: string; bare: string }> {
  let [word, bare, open, begun] = ['', '', '', false];
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    const next = text[at + 1];
    if (letter === '\\' && open !== "'" && next !== undefined && (open === '' || '"\\$`\n'.includes(next))) {
      at += 1;
      if (next !== '\n') [word, begun] = [word + next, true];
    } else if (open !== '') {
      if (letter === open) open = '';
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      [open, begun] = [letter, true];
    } else if (/\s/.test(letter)) {
      if (begun) yield { word, bare };
      [word, bare, begun] = ['', '', false];
    } else {
      [word, bare, begun] = [word + letter, bare + letter, true];
    }
  }
  if (begun) yield { word, bare };
}

export function paste(text: string): Pasted {
  const words = [...wordsOf(text.replace(/^\s*[$#>%]\s+/, '').replace(/\r/g, ''))];
  const first = words.findIndex(({ bare }) => !/^[A-Za-z_]\w*=/.test(bare));
  const command = words.slice(first < 0 ? words.length : first);
  const env = words.slice(0, words.length - command.length).map(({ word }) => {
    const cut = word.indexOf('=');
    return [word.slice(0, cut), word.slice(cut + 1)] as const;
  });
  const notes = SHELL.filter(([sign]) => command.some(({ bare }) => sign.test(bare))).map(([, what]) => what);
  return { argv: command.map(({ word }) => asTemplate(word)), env: Object.fromEntries(env), notes };
}

/** An argument quoted for a shell. */
export const quotedWord = (word: string): string =>
  /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;

export const commandLine = (argv: readonly string[]): string => argv.map(quotedWord).join(' ');

/**
 * As in `aim/launch/command.py`: `{lr}` is a placeholder, `{{` and `}}` are braces, `{amp?--amp}` exists while amp is
 * true.
 */
const NAME = '[A-Za-z][A-Za-z0-9_.\\-/@]*';
const PLACE = new RegExp(`\\{\\{|\\}\\}|\\{(${NAME})\\}`, 'g');
const SWITCH = new RegExp(`^\\{(${NAME})\\?((?:[^{}]|\\{\\{|\\}\\})+)\\}$`);

export interface ArgumentPiece {
  readonly text: string;
  /** The parameter at this place, or null for plain text. */
  readonly name: string | null;
}

/** An argument split at its placeholders. */
export function pieces(argument: string): readonly ArgumentPiece[] {
  const whole = SWITCH.exec(argument);
  if (whole) return [{ text: argument, name: whole[1] ?? '' }];
  const out: ArgumentPiece[] = [];
  let from = 0;
  for (const match of argument.matchAll(PLACE)) {
    if (match[1] === undefined) continue;
    if (match.index > from) out.push({ text: argument.slice(from, match.index), name: null });
    out.push({ text: match[0], name: match[1] });
    from = match.index + match[0].length;
  }
  if (from < argument.length || out.length === 0) out.push({ text: argument.slice(from), name: null });
  return out;
}

/** The parameters that a command names, each once, in order of appearance. */
export const parametersOf = (argv: readonly string[]): readonly string[] => [
  ...new Set(argv.flatMap((argument) => pieces(argument).flatMap(({ name }) => (name === null ? [] : [name])))),
];

/** Escapes braces that are not part of a placeholder and not doubled. */
const withPlaces = (text: string): boolean => SWITCH.test(text) || !/[{}]/.test(text.replace(PLACE, ''));
export const escaped = (text: string): string => text.replace(/[{}]/g, '$&$&');
const unescaped = (text: string): string => text.replace(/\{\{|\}\}/g, (both) => both.charAt(0));
const asTemplate = (word: string): string => (withPlaces(word) ? word : escaped(word));

export interface NamedArgument {
  readonly argv: readonly string[];
  readonly name: string;
  readonly value: string | boolean;
}

/**
 * Turns the argument's value into a parameter named after its option: `--lr 0.1`, `--lr=0.1`, `model.lr=0.1`. An option
 * without a value becomes an optional argument.
 */
export function asParameter(argv: readonly string[], at: number): NamedArgument | null {
  const argument = argv[at] ?? '';
  if (at === 0 || argument === '' || parametersOf([argument]).length > 0) return null;
  const assigned = /^(-{0,2}([A-Za-z][\w.-]*))=(.*)$/s.exec(argument);
  const named = /^--?([A-Za-z][\w.-]*)$/;
  const before = named.exec(argv[at - 1] ?? '')?.[1];
  const own = named.exec(argument)?.[1];
  const place = (wanted: string, write: (name: string) => string, value: string | boolean): NamedArgument => {
    const taken = parametersOf(argv);
    const plain = wanted.replace(/-/g, '_');
    let name = plain;
    for (let count = 2; taken.includes(name); count++) name = `${plain}_${count}`;
    return { argv: argv.map((word, index) => (index === at ? write(name) : word)), name, value };
  };
  if (assigned) {
    const [, option = '', word = '', value = ''] = assigned;
    return place(word, (name) => `${option}={${name}}`, unescaped(value));
  }
  if (own !== undefined && argument.startsWith('-')) {
    const next = argv[at + 1];
    const alone = next === undefined || /^-[A-Za-z-]/.test(next) || SWITCH.test(next) || /^[\w.-]+=/.test(next);
    return alone ? place(own, (name) => `{${name}?${argument}}`, true) : null;
  }
  if (before === undefined || argument === '--') return null;
  return place(before, (name) => `{${name}}`, unescaped(argument));
}

/** One step for each value that is not a parameter yet; each continues from the previous command. */
export function everyValue(argv: readonly string[]): readonly NamedArgument[] {
  const steps: NamedArgument[] = [];
  let now = argv;
  for (let at = 1; at < argv.length; at++) {
    const named = asParameter(now, at);
    if (!named) continue;
    steps.push(named);
    now = named.argv;
  }
  return steps;
}

/** The command with the parameter's text in its place. */
export function withoutParameter(argv: readonly string[], name: string, text: string): readonly string[] {
  return argv.flatMap((argument) => {
    const whole = SWITCH.exec(argument);
    if (whole?.[1] === name) return text.toLowerCase() === 'true' ? [whole[2] ?? ''] : [];
    return [
      pieces(argument)
        .map((piece) => (piece.name === name ? escaped(text) : piece.text))
        .join(''),
    ];
  });
}
