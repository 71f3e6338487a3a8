import type { Event } from '../model/event.ts';
import {
  describeBatch,
  describeWatched,
  tellChange,
  tellServing,
  tellStackChanged,
} from './narrate/changes.ts';
import { tellContainer } from './narrate/containers.ts';
import type { NarrateOptions, Notice } from './narrate/notice.ts';
import { tellOutput, tellPlan } from './narrate/plan.ts';
import { tellFailure, tellProblem } from './narrate/problems.ts';
import { tellAnswer, tellJoined, tellReady } from './narrate/ready.ts';
import { shownPath } from './paths.ts';
import { isSameProblem } from './reduce.ts';
import type { View } from './view.ts';

/** What an event means to someone who reads along; nothing for most events. */
export function narrate(event: Event, before: View, after: View, options: NarrateOptions): readonly Notice[] {
  const ended = after.plan?.settledAt !== undefined && before.plan?.settledAt === undefined;
  return [...tell(event, before, after, options), ...(ended ? tellChange(after) : [])];
}

function tell(event: Event, before: View, after: View, options: NarrateOptions): readonly Notice[] {
  switch (event.type) {
    case 'plan-made':
      return tellPlan(event, after);
    case 'step-failed':
      return tellFailure(event, before, after, options);
    case 'step-progressed':
      return tellOutput(event, after);
    case 'step-skipped':
      return after.interrupted === true && before.interrupted !== true
        ? [{ shape: 'idle', text: 'interrupted' }]
        : [];
    case 'step-finished':
      return tellServing(event, after);
    case 'container-changed':
      return tellContainer(event, before, after, options);
    case 'watch-started':
      return [{ shape: 'done', text: describeWatched(event.services, after, options) }];
    case 'watch-ended':
      return [{ shape: 'idle', text: 'the files of services are not watched any more' }];
    case 'files-changed':
      return [{ shape: 'busy', text: describeBatch(event, options) }];
    case 'files-returned': {
      const [first = '', ...others] = event.files.map((file) => shownPath(file, options.directory));
      const text = `${first}${others.length === 0 ? '' : ` and ${others.length} more`} came back from ${event.container}`;
      return [{ shape: 'done', service: event.service, text }];
    }
    case 'stack-changed':
      return [tellStackChanged(event, options)];
    case 'problem-found':
      return before.problems.some((other) => isSameProblem(other, event.problem))
        ? []
        : [tellProblem(event.problem, options)];
    case 'port-asked':
      return tellAnswer(event, before, after);
    case 'stack-joined':
      return [tellJoined(after, options)];
    case 'stack-ready':
      // After a change its own notice has said so.
      return before.plan?.purpose === 'change' ? [] : [tellReady(event, after, options)];
    case 'stop-requested':
      return [{ shape: 'busy', text: event.force ? 'killing what still runs' : 'stopping' }];
    case 'stack-stopped':
      return [{ shape: 'idle', text: 'stopped' }];
    default:
      return [];
  }
}
