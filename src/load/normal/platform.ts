import { joinPath, originOf } from '../../model/stack.ts';
import { type Report, serviceIn } from '../report.ts';
import type { Parts } from './normalize.ts';
import type { Origins } from './origins.ts';

/** Services that name no platform with the one that DOCKER_DEFAULT_PLATFORM names; one that they cannot be built for is told. */
export function withPlatform(
  services: Parts['services'],
  platform: string,
  origins: Origins,
  report: Report,
): Parts['services'] {
  const entries = Object.entries(services).map(([name, service]) => {
    if (service.platform !== undefined) return [name, service] as const;
    const { platforms = [] } = service.build ?? {};
    if (platforms.length > 0 && !platforms.includes(platform)) {
      const path = `${joinPath('services', name)}.build.platforms`;
      const location = originOf({ origins }, path);
      report({
        code: 'conflicting-keys',
        severity: 'error',
        message: `service "${name}" build.platforms does not support value set by DOCKER_DEFAULT_PLATFORM: ${platform}`,
        ...(location && { location }),
        path,
        ...serviceIn(path),
        hint: 'add it to the platforms, or give the service a `platform` of its own',
      });
    }
    return [name, { ...service, platform }] as const;
  });
  return Object.fromEntries(entries);
}
