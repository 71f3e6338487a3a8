import type { Progress } from '../model/event.ts';
import type { Action } from '../model/plan.ts';
import { EngineRefusal } from './api.ts';
import type { EngineConnection } from './http.ts';
import { isAway, mayPass, readPause, tries } from './passing.ts';
import { sleep } from './sleep.ts';
import { EngineGarbled } from './unreachable.ts';
import { unanswered } from './within.ts';

/** How long to wait before the next try, in milliseconds; each further one waits four times as long. */
const firstPause = 500;
/** What a registry asks for beyond that is waited for no longer. */
const longestPause = 30_000;

/** Actions that can be carried out twice and lead to the same as once; what they find done is no error. */
const repeatable: ReadonlySet<Action['kind']> = new Set([
  'pull-image',
  'push-image',
  'create-network',
  'create-volume',
  'create-container',
  'start-container',
  'stop-container',
  'remove-container',
  'rename-container',
  'take-over',
  'remove-network',
  'remove-volume',
  'keep-volume',
  'forget-volume',
  'end-copy',
  'remove-image',
]);

/**
 * Does an action, again if it failed for a reason that may pass: the connection with the engine broke, or that of the
 * engine with a registry. Each further try is told as progress. Rejects with the error of the last one.
 */
export async function persistently(
  action: Action,
  {
    signal,
    progress,
    patience = Number.POSITIVE_INFINITY,
  }: {
    readonly signal: AbortSignal;
    readonly progress: (progress: Progress) => void;
    /** After how many milliseconds it is told that something quick is not done yet. */
    readonly patience?: number;
  },
  attempt: () => Promise<void>,
): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await tellingDelay(action, patience, progress, attempt);
    } catch (error) {
      const passing = attempts < tries && !signal.aborted ? passingReason(action, error) : undefined;
      if (passing === undefined) throw error;
      const { reason, pause = firstPause * 4 ** (attempts - 1) } = passing;
      const text = `failed (${reason}), trying again, ${attempts + 1} of ${tries}`;
      progress({ text, attempt: attempts + 1 });
      await sleep(pause, signal);
      signal.throwIfAborted();
    }
  }
}

/** What an engine does at once, as far as it is up to it. */
const quick: ReadonlySet<Action['kind']> = new Set([
  'create-network',
  'create-volume',
  'create-container',
  'start-container',
  'remove-container',
  'rename-container',
  'take-over',
  'pause-container',
  'unpause-container',
  'remove-network',
  'remove-volume',
  'remove-image',
  'sync-files',
]);

/** An engine that hangs in the middle of something is waited for: who waits is told. */
async function tellingDelay(
  action: Action,
  patience: number,
  progress: (progress: Progress) => void,
  work: () => Promise<void>,
): Promise<void> {
  const waitsForMore = action.kind === 'start-container' && action.beside !== undefined;
  if (!quick.has(action.kind) || waitsForMore || patience === Number.POSITIVE_INFINITY) return work();
  const tell = (): void => progress({ text: unanswered(patience), waiting: true });
  const timer = setTimeout(tell, patience);
  try {
    await work();
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The engine with reads that are sent again if the connection broke before there was an answer: they change nothing. An
 * engine that has answered before and is away is waited for: it is being restarted.
 */
export function withRepeatedReads(engine: EngineConnection): EngineConnection {
  let answered = false;
  return {
    ...engine,
    async request(options) {
      const { method, signal } = options;
      const began = performance.now();
      for (let attempts = 1; ; attempts++) {
        try {
          const answer = await engine.request(options);
          answered = true;
          return answer;
        } catch (error) {
          const isRestarting = answered && isAway(error) && performance.now() - began < longestRestart;
          const isRepeated = isRestarting || (mayPass(error) && attempts < tries);
          if (method !== 'GET' || signal.aborted || !isRepeated) throw error;
          await sleep(Math.min(readPause * attempts, longestReadPause), signal);
        }
      }
    },
  };
}

/** How long an engine may be away that is being restarted, in milliseconds. */
const longestRestart = 5000;
const longestReadPause = 500;

interface Passing {
  /** In a few words. */
  readonly reason: string;
  /** How long a registry asks to wait, in milliseconds. */
  readonly pause?: number;
}

/** Why something failed, if it may succeed when it is tried again; what is not found or not allowed stays so. */
function passingReason({ kind }: Action, error: unknown): Passing | undefined {
  if (!repeatable.has(kind) || !(error instanceof Error)) return undefined;
  if (!(error instanceof EngineRefusal)) return passingConnection(error);
  if (kind !== 'pull-image' && kind !== 'push-image') return undefined;
  const found = registryTroubles.find(({ when }) => when.test(error.said));
  if (found === undefined || lasting.test(error.said)) return undefined;
  const asked = askedPause(error.said);
  if (asked !== undefined && asked > longestPause) return undefined;
  return { reason: found.reason, ...(asked === undefined ? {} : { pause: asked }) };
}

function passingConnection(error: Error): Passing | undefined {
  if (isAway(error)) return { reason: 'the engine is away' };
  if (error instanceof EngineGarbled) return { reason: 'an answer that cannot be read' };
  return mayPass(error) ? { reason: 'connection reset' } : undefined;
}

/** An answer of a registry that stays the same. */
const lasting = /unauthorized|denied|not found|manifest unknown|no basic auth/i;

/** What engines say when a registry, or the way to it, fails for a moment; in the order in which they are looked for. */
const registryTroubles: readonly { readonly when: RegExp; readonly reason: string }[] = [
  { when: /too ?many ?requests|\b429\b/i, reason: 'too many requests' },
  { when: /connection reset|broken pipe/i, reason: 'connection reset' },
  { when: /TLS handshake timeout/i, reason: 'TLS handshake timeout' },
  { when: /temporary failure in name resolution|server misbehaving/i, reason: 'name resolution failed' },
  { when: /\b(?:unexpected )?EOF\b/, reason: 'connection closed' },
  { when: /\b50[0234] (?:internal|bad gateway|service|gateway)/i, reason: 'registry error' },
];

/** `retry-after: 1.5s`: the only form in which engines hand on how long a registry asks to wait. */
function askedPause(said: string): number | undefined {
  const [, amount, unit = 's'] = /retry-after:? *([\d.]+) *(ms|µs|s|m)?\b/i.exec(said) ?? [];
  if (amount === undefined) return undefined;
  return Math.ceil(Number(amount) * (milliseconds[unit] ?? 1000));
}

const milliseconds: Readonly<Record<string, number>> = { µs: 0.001, ms: 1, s: 1000, m: 60_000 };
