/**
 * A command before its start: written by hand, from a template, or from a run that is repeated with changes. One value
 * for each parameter makes a process, several make a queue; the preview shows what will happen.
 */
import { countText, plural } from '../../text/format';
import { useLaunch } from './launch';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { adjust, href, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import { NotFound } from '../../parts/NotFound';
import { useTitle } from '../../parts/useFrame';
import type { Command, LaunchStatus, QueueDetail } from '../../wire';
import { runName } from '../../text/runName';
import { Dialog } from '../../parts/Dialog';
import { Answer, Card, Hint, Sheet } from '../../parts/Sheet';
import { useAsked } from '../../parts/useAsked';
import { CommandCard } from './CommandCard';
import { FromElsewhere } from './FromElsewhere';
import { Off } from './Off';
import { ParameterFields, type ParameterState } from './ParameterFields';
import { PlanCard } from './PlanCard';
import { QueueForm, usualQueue, type QueueDraft } from './QueueForm';
import { queueName } from './QueueList';
import { TrialValues, What } from './Review';
import { lacksMetric } from './rules';
import { SaveTemplate } from './SaveTemplate';
import { look, type NamedSource, type Source } from './source';
import { useStart } from './useStart';
import { usePlan, type Plan } from './usePlan';
import { defaultsOf, isEndless, oneText } from './values';
import { withoutParameter, type NamedArgument } from './words';
import './processes.css';

export default function StartPage(): ReactNode {
  const { ask } = useLaunch();
  const address = useAddress();
  const from = { run: address.get('run'), queue: address.get('queue'), template: address.get('template') };
  const key = `start ${JSON.stringify(from)}`;
  const asked = useAsked(key, (signal) => look(ask, from, signal));
  useTitle(from.run === null ? 'Start a command' : 'Re-run');
  return (
    <Answer of={asked} title="Start a command" missing={<NoSource from={from} />}>
      {({ status, source }) =>
        status.allowed ? (
          <StartForm key={key} status={status} source={source} />
        ) : (
          <Sheet title="Start a command">
            <Off status={status} />
          </Sheet>
        )
      }
    </Answer>
  );
}

function NoSource({ from }: { from: NamedSource }): ReactNode {
  const what = from.run !== null ? 'run' : from.queue !== null ? 'queue' : 'template';
  return (
    <NotFound what={what} name={from[what] ?? ''} to={href('start')} all="Start another command">
      It may have been deleted.
    </NotFound>
  );
}

const BLANK: Command = { argv: [], params: [], env: [], cwd: null, experiment: null, interpreter: null };

function commandOf(source: Source): Command {
  if (source.kind === 'run') return source.draft.command;
  if (source.kind === 'queue') return source.detail.command;
  return source.kind === 'template' ? source.template.command : BLANK;
}

function isFromElsewhere(source: Source): boolean {
  if (source.kind === 'queue') return !source.detail.queue.own;
  return source.kind === 'template' && !source.template.own;
}

function templateOf(source: Source): string | null {
  if (source.kind === 'queue') return source.detail.queue.template;
  return source.kind === 'template' ? source.template.id : null;
}

const FROM: Readonly<Record<Source['kind'], string>> = {
  blank: 'the command',
  run: 'the run',
  queue: 'the command of the queue',
  template: 'the template',
};

function StartTitle({ source }: { source: Source }): ReactNode {
  if (source.kind === 'run')
    return (
      <>
        Run “<bdi>{runName(source.draft.run)}</bdi>” again
      </>
    );
  if (source.kind === 'queue')
    return (
      <>
        Start “<bdi>{queueName(source.detail.queue)}</bdi>” again
      </>
    );
  if (source.kind === 'template') return <bdi>{source.template.name}</bdi>;
  return 'Start a command';
}

/** Texts of parameters are in the address: `v=lr=0.1,0.01`. Without any, they are the values of the repeated queue. */
function useTexts(source: Source): [ReadonlyMap<string, string>, (texts: ReadonlyMap<string, string>) => void] {
  const address = useAddress();
  const own = useMemo(() => (source.kind === 'queue' ? textsOf(source.detail) : new Map<string, string>()), [source]);
  const written = address.has('v') ? address.getAll('v').join('\n') : null;
  const texts = useMemo(
    () =>
      written === null
        ? own
        : new Map(
            written.split('\n').flatMap((line): [string, string][] => {
              const cut = line.indexOf('=');
              return cut > 0 ? [[line.slice(0, cut), line.slice(cut + 1)]] : [];
            }),
          ),
    [written, own],
  );
  const put = (next: ReadonlyMap<string, string>): void => {
    const lines = [...next].map(([name, text]) => `${name}=${text}`);
    adjust({ v: lines.length > 0 ? lines : own.size > 0 ? [''] : null }, { replace: true });
  };
  return [texts, put];
}

const NO_METRIC = {
  message: 'Comparing trials needs a metric: enter it under “Stop early”.',
  hint: null,
  start: null,
  end: null,
};

/** Every value of a parameter in the queue. */
const textsOf = ({ params, trials }: QueueDetail): ReadonlyMap<string, string> =>
  new Map(params.map((name, at) => [name, [...new Set(trials.map(({ values }) => oneText(values[at])))].join(', ')]));

function StartForm({ status, source }: { status: LaunchStatus; source: Source }): ReactNode {
  const blank = source.kind === 'blank';
  const [command, setCommand] = useState(() => commandOf(source));
  const [texts, putTexts] = useTexts(source);
  const [name, setName] = useState('');
  const [queue, setQueue] = useState<QueueDraft>(() => usualQueue(status));
  const [chosen, setChosen] = useState(0);
  const [saving, setSaving] = useState(false);
  const [open, setOpen] = useState(blank);
  const usual = useMemo(() => defaultsOf(command), [command]);
  const endless = [...texts.values()].some(isEndless);
  const sample = queue.random || endless ? queue.sample : null;
  const empty = command.argv.every((argument) => argument === '') && !command.interpreter;
  const run = source.kind === 'run' ? source.draft.run.id : null;
  const answer = usePlan(empty ? null : { command, texts, sample, seed: queue.seed, run, chosen });
  useEffect(() => setChosen(0), [texts, sample, queue.seed]);
  const count = answer.trials?.trials.length ?? 0;
  const many = count > 1;
  const plan = many && lacksMetric(queue.rules) ? { ...answer, problem: NO_METRIC } : answer;
  const elsewhere = isFromElsewhere(source);
  const [reviewing, setReviewing] = useState(false);
  const start = useStart({ command, name, queue, plan, template: templateOf(source), agreed: elsewhere });

  const put = (param: string, text: string): void => {
    const next = new Map(texts);
    const was = usual.get(param) ?? null;
    if (was !== null && text === oneText(was)) next.delete(param);
    else next.set(param, text);
    putTexts(next);
  };
  const named = ({ argv, name: param, value }: NamedArgument): void =>
    setCommand((old) => ({
      ...old,
      argv: [...argv],
      params: [...(old.params ?? []).filter((given) => given.name !== param), { name: param, value }],
    }));
  const plain = (param: string): void => {
    setCommand((old) => ({
      ...old,
      argv: [...withoutParameter(old.argv, param, texts.get(param) ?? oneText(usual.get(param) ?? null))],
    }));
    putTexts(new Map([...texts].filter(([other]) => other !== param)));
  };
  const commandCard = (
    <CommandCard command={command} status={status} open={open} onOpen={setOpen} onChange={setCommand} onName={named} />
  );
  return (
    <Sheet title={<StartTitle source={source} />} lead={<StartLead source={source} />}>
      {elsewhere && <FromElsewhere />}
      <div className="start-page">
        <div className="start-form">
          {blank && commandCard}
          <Card title="Parameters" count={usual.size > 0 ? String(usual.size) : undefined}>
            {usual.size === 0 ? (
              <Hint>
                No parameters. Write <code>{'{name}'}</code> in an argument, or turn a value into a parameter with its
                tag button.
              </Hint>
            ) : (
              <ParameterFields
                parameters={[...usual].map(([param, value]) =>
                  stateOf(param, texts.get(param), value === null ? null : oneText(value), plan, source),
                )}
                usualFrom={FROM[source.kind]}
                onChange={put}
                onRemove={open ? plain : null}
              />
            )}
          </Card>
          {!blank && commandCard}
          {(many || endless) && (
            <QueueForm queue={queue} status={status} endless={endless} trials={plan.trials} onChange={setQueue} />
          )}
        </div>
        <PlanCard
          plan={plan}
          empty={empty}
          source={source}
          chosen={Math.min(chosen, Math.max(0, count - 1))}
          onChoose={setChosen}
          experiment={command.experiment ?? null}
          slots={queue.slots}
          name={name}
          onName={setName}
        >
          <Button
            look="primary"
            icon="play"
            disabled={plan.stale || plan.problem !== null || count === 0 || start.busy}
            onClick={elsewhere ? () => setReviewing(true) : start.go}
          >
            {elsewhere ? 'Review and start' : many ? `Start a queue of ${countText(count)} trials` : 'Start'}
          </Button>
          <Button look="outline" icon="bookmark" disabled={empty || plan.stale} onClick={() => setSaving(true)}>
            Save as template
          </Button>
        </PlanCard>
      </div>
      {reviewing && plan.preview && (
        <Dialog
          title="Start a command from elsewhere?"
          action={many ? `Start ${countText(count)} trials` : 'Start'}
          danger
          onSave={async () => start.go()}
          onClose={() => setReviewing(false)}
        >
          <What preview={plan.preview} />
          {many && answer.trials && (
            <TrialValues
              params={answer.trials.params}
              trials={answer.trials.trials.map((values, at) => ({ number: at + 1, values }))}
            />
          )}
        </Dialog>
      )}
      {saving && (
        <SaveTemplate command={command} texts={texts} plan={plan} source={source} onClose={() => setSaving(false)} />
      )}
    </Sheet>
  );
}

/** `usual` is null if a value is required. */
function stateOf(
  name: string,
  text: string | undefined,
  usual: string | null,
  plan: Plan,
  source: Source,
): ParameterState {
  const column = plan.trials?.params.indexOf(name) ?? -1;
  const values =
    !plan.trials || column < 0 || plan.stale
      ? null
      : [...new Set(plan.trials.trials.map((row) => String(row[column])))];
  const message = plan.problem?.message ?? '';
  const problem = !plan.stale && (message.startsWith(`${name}=`) || message.startsWith(`${name} `)) ? message : null;
  const recorded = source.kind === 'run' ? source.draft.recorded.find((item) => item.name === name) : undefined;
  const masked = source.kind === 'run' && source.draft.missing.includes(name);
  return {
    name,
    text: text ?? usual ?? '',
    usual,
    values,
    problem,
    note: masked
      ? 'Masked in the recording. Enter it again.'
      : recorded && recorded.value !== null && oneText(recorded.value) !== usual
        ? `Recorded value: ${oneText(recorded.value)}.`
        : null,
  };
}

function StartLead({ source }: { source: Source }): ReactNode {
  if (source.kind === 'run')
    return (
      <>
        <p>
          The command of this run as a form.{' '}
          <Link className="text-link" to={href('run', { run: source.draft.run.id })}>
            Open the run
          </Link>
        </p>
        {source.draft.runs > 1 && (
          <p className="start-note">
            <Icon name="alert" size={14} />
            <span>
              The process of this run recorded {plural(source.draft.runs, 'run')}. Its command starts the whole script
              again, not this run alone.
            </span>
          </p>
        )}
        {source.draft.notes.map((note) => (
          <p key={note} className="start-note">
            <Icon name="alert" size={14} />
            <bdi>{note}</bdi>
          </p>
        ))}
      </>
    );
  if (source.kind === 'queue') return <p>The command of this queue with all values of its trials.</p>;
  if (source.kind === 'template')
    return <p>A template. One value per parameter starts a process; several values create a queue.</p>;
  return <p>Paste the command as you would type it. Turn values into parameters to run several at once.</p>;
}
