import { didYouMean } from '../../model/nearest.ts';
import { type Build, joinPath, type Service } from '../../model/stack.ts';
import type { Parts } from '../normal/normalize.ts';
import { type CheckContext, related, serviceOf, tell } from './context.ts';

/** Checks what the build of a service has to do with the rest of the stack. */
export function checkBuild(service: Service, name: string, parts: Parts, context: CheckContext): void {
  const { build } = service;
  if (build === undefined) return;
  const path = `${joinPath('services', name)}.build`;
  if (build.dockerfile && build.dockerfile_inline) {
    tell(context, `${path}.dockerfile_inline`, {
      code: 'conflicting-keys',
      message: `the service \`${name}\` has both \`dockerfile\` and \`dockerfile_inline\``,
      hint: 'remove one of them',
      related: [related(context, 'the other one', `${path}.dockerfile`)],
    });
  }
  const { platform } = service;
  if (platform && build.platforms !== undefined && build.platforms.length > 0) {
    if (!build.platforms.includes(platform)) {
      tell(context, `${path}.platforms`, {
        code: 'conflicting-keys',
        message: `the platform \`${platform}\` of the service \`${name}\` is none that it is built for`,
        hint: `add \`${platform}\` to \`build.platforms\``,
        related: [related(context, 'its platform', `${joinPath('services', name)}.platform`)],
      });
    }
  }
  checkContexts(build, name, parts, context);
}

function checkContexts(build: Build, name: string, parts: Parts, context: CheckContext): void {
  for (const [key, value] of Object.entries(build.additional_contexts ?? {})) {
    const other = /^service:(.*)$/s.exec(value)?.[1];
    if (other === undefined) continue;
    const path = joinPath(`${joinPath('services', name)}.build.additional_contexts`, key);
    const used = `the service \`${other}\`, which the build of \`${name}\` uses,`;
    const target = serviceOf(parts, other);
    if (target === undefined) {
      if (context.spoiled(joinPath('services', other))) continue;
      tell(context, path, {
        code: 'undefined-reference',
        message: `${used} is not defined`,
        ...didYouMean(other, Object.keys(parts.services)),
      });
    } else if (!context.enabled.has(other)) {
      const [profile = '*'] = target.profiles ?? [];
      tell(context, path, {
        code: 'undefined-reference',
        message: `${used} is switched off by its profiles`,
        hint: `switch it on with --profile ${profile}`,
        related: [related(context, 'its profiles', `${joinPath('services', other)}.profiles`)],
      });
    } else if (target.build === undefined) {
      tell(context, path, {
        code: 'undefined-reference',
        message: `${used} has no \`build\``,
        related: [related(context, 'the service', joinPath('services', other))],
      });
    }
  }
}
