import type { Event, StepProgressed } from '../model/event.ts';
import type { StepId } from '../model/plan.ts';
import type { NarrateOptions, Notice } from './narrate/notice.ts';
import { narrate } from './narrate.ts';
import { createPainter } from './paint.ts';
import { createPrefixer, type Head } from './prefix.ts';
import { shapeOf } from './shapes.ts';
import { createStore } from './store.ts';
import type { StepView, View } from './view.ts';
import { pad, widthOfNames } from './width.ts';
import { formatBytes, formatDuration, formatTime } from './words.ts';

export interface PlainOptions extends Partial<NarrateOptions> {
  /** Gets whole lines with their ends. */
  readonly write: (text: string) => void;
  /** Gets those of what services wrote, if these are to go elsewhere. */
  readonly writeOutput?: (text: string) => void;
  readonly colour: boolean;
  /** Absolute; paths inside are shown relative to it. */
  readonly directory: string;
  /** Begin lines with the time of day. */
  readonly timestamps?: boolean;
  /** What stands before lines of output; absent: the name of who wrote them. */
  readonly head?: Head;
  /** What is typed shows where lines are written: a line after `^C` has to be begun. */
  readonly echoes?: boolean;
  /** Also the output of builds that succeed. */
  readonly verbose?: boolean;
}

/** How often the progress of one step is told, in milliseconds. */
const progressInterval = 10_000;

/** Steps whose output no one can look up later. */
const toldAlways: ReadonlySet<StepView['kind']> = new Set([
  'run-pre-start',
  'provide-service',
  'withdraw-service',
]);

/**
 * A listener for pipes, files and continuous integration: one line for each thing that happened, nothing is ever drawn
 * twice. It says all that the screens say.
 */
export function plainReporter(options: PlainOptions): (event: Event) => void {
  const { write, timestamps = false, verbose = false, ascii = false } = options;
  const { colour, directory, writeOutput = write, echoes = false } = options;
  const shown = { colour, ascii, directory };
  const paint = createPainter(colour);
  const head = options.head ?? plainHead({ colour, ascii });
  const lastProgress = new Map<StepId, number>();
  const store = createStore({ colour });
  let view = store.getView();

  const stamp = (at: number): string => (timestamps ? `${paint.dim(formatTime(at))} ` : '');

  const say = (at: number, { shape, service, text, details = [] }: Notice): void => {
    const name = service ?? view.name;
    const width = widthOfNames([view.name, ...view.services.map((other) => other.name)]);
    const head = `${shapeOf(shape, ascii)} ${paint.bold(pad(name, width))} ${text}`;
    write([`${stamp(at)}${head}`, ...details, ''].join('\n'));
  };

  const sayStep = (at: number, shape: Notice['shape'], step: StepView, text: string): void =>
    say(at, { shape, ...(step.service === undefined ? {} : { service: step.service }), text });

  const tellProgress = ({ id, progress, at }: StepProgressed & { at: number }): void => {
    const step = view.plan?.steps.get(id);
    if (step === undefined) return;
    const mark = step.kind === 'run-pre-start' ? 'pre_start -> ' : '';
    if (verbose || toldAlways.has(step.kind))
      for (const line of progress.lines ?? []) sayStep(at, 'busy', step, mark + line);
    if (progress.attempt !== undefined || progress.waiting === true) {
      sayStep(at, 'paused', step, `${step.title} ${progress.text}`);
      return;
    }
    if (isStop(step.kind) && progress.text !== undefined) {
      sayStep(at, 'busy', step, progress.text);
      return;
    }
    if (progress.text === undefined || at - (lastProgress.get(id) ?? step.startedAt ?? at) < progressInterval)
      return;
    lastProgress.set(id, at);
    const { text = '', current, total } = step;
    const amount =
      total !== undefined && current !== undefined ? ` ${formatAmount(step.kind, current, total)}` : '';
    sayStep(at, 'busy', step, `${text}${amount}`);
  };

  const tellStep = (event: Event): void => {
    if (event.type !== 'step-started' && event.type !== 'step-finished' && event.type !== 'step-skipped')
      return;
    const step = view.plan?.steps.get(event.id);
    if (step === undefined || step.kind === 'await-condition') return;
    if (event.type === 'step-started') {
      // What is quick is told once, when it is done.
      if (step.kind === 'build-image' || isTransfer(step.kind)) sayStep(event.at, 'busy', step, step.title);
    } else if (event.type === 'step-finished') {
      sayStep(event.at, 'done', step, `${step.title} ${paint.dim(formatDuration(event.milliseconds))}`);
    } else if (step.kind !== 'prune-images' && !isStoodFor(step, view)) {
      sayStep(event.at, 'idle', step, `${step.title}: skipped, ${nameSteps(event.because, view)}`);
    }
  };

  return (told) => {
    const { event, before, after } = store.dispatch(told);
    view = after;
    if (event.type === 'logs-written') {
      const { service, source, stream, lines, at } = event;
      if (lines.length === 0) return;
      const before = `${stamp(at)}${head({ service, source, stream }, view.services)}`;
      writeOutput(lines.map((text) => `${before}${text}\n`).join(''));
      return;
    }
    if (event.type === 'plan-made') lastProgress.clear();
    const notices = narrate(event, before, after, shown);
    const isInterruption = event.type === 'step-skipped' && notices.length > 0;
    // Where keys are echoed, Ctrl-C stands in the line.
    if (isInterruption && echoes) write('\n');
    if (event.type === 'step-progressed') tellProgress(event);
    else if (!isInterruption) tellStep(event);
    for (const notice of notices) say(event.at, notice);
    // What was not begun is so because of that.
    if (isInterruption) tellStep(event);
  };
}

/** The name of who wrote a line. */
export function plainHead({ colour, ascii }: { readonly colour: boolean; readonly ascii: boolean }): Head {
  return createPrefixer({ colour, ascii, bars: { stdout: '|', stderr: '|' } }).head;
}

/** Whether the start of the same service is skipped too; to say that is enough. */
function isStoodFor(step: StepView, { plan }: View): boolean {
  if (step.service === undefined || step.kind === 'start-container') return false;
  return plan?.steps.of(step.service).some(({ kind }) => kind === 'start-container') ?? false;
}

/** Reasons name steps by their ids; people know them by their titles. */
function nameSteps(because: string, { plan }: View): string {
  const step = plan?.steps.get(because.replace(/ did not succeed$/, ''));
  return step === undefined ? because : `${step.title}${because.slice(step.id.length)}`;
}

/** What these tell of their progress is told at once: that it takes long. */
function isStop(kind: StepView['kind']): boolean {
  return kind === 'stop-container' || kind === 'restart-container';
}

function isTransfer(kind: StepView['kind']): boolean {
  return kind === 'pull-image' || kind === 'push-image';
}

function formatAmount(kind: StepView['kind'], current: number, total: number): string {
  return isTransfer(kind) ? `${formatBytes(current)} of ${formatBytes(total)}` : `${current}/${total}`;
}
