import { type Action, serviceOf } from '../model/plan.ts';
import { failure, type Problem, ProblemsError } from '../model/problem.ts';
import { EngineRefusal } from './api.ts';
import type { Endpoint } from './endpoint.ts';
import { explainConnection } from './unreachable.ts';

/** Turns whatever a call threw into `ProblemsError` in the user's words, with a hint. */
export function explain(thrown: unknown, endpoint: Endpoint, action?: Action): ProblemsError {
  if (thrown instanceof ProblemsError) return thrown;
  if (thrown instanceof EngineRefusal) return explainRefusal(thrown, action);
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return (
    explainConnection(error, endpoint) ??
    failure({ code: 'internal', message: error.message, ...causeOf(error) })
  );
}

/** What the engine said of a container of a service that it did not start. */
export function explainStart(said: string, service: string): ProblemsError {
  return explainRefused(said, { service });
}

function causeOf(error: Error): { cause?: string } {
  return error.stack === undefined ? {} : { cause: error.stack };
}

/** A way to recognise what an engine refused, by the words of engines 20.10 to 28. */
interface Explanation {
  readonly when: RegExp;
  readonly tell: (match: RegExpExecArray, about: About) => Omit<Problem, 'severity' | 'cause'>;
}

interface About {
  /** `services.web`, or `undefined` if the action works for no service. */
  readonly servicePath: string | undefined;
  readonly service: string | undefined;
  readonly name: string;
  readonly image: string;
  /** What in the stack names the image. */
  readonly imagePath: string | undefined;
}

const noAnswer = /dial tcp|no such host|TLS handshake|i\/o timeout|connection refused/i;

/** What a registry, or the lack of one, says to an image that is pushed. */
const pushExplanations: readonly Explanation[] = [
  {
    when: /does not exist locally|no such image/i,
    tell: (_, { image, service, servicePath }) => ({
      code: 'image-not-found',
      message: `image ${image} is not on this machine, so it cannot be pushed`,
      hint: `build it first: stack build ${service ?? ''}`.trimEnd(),
      ...at(servicePath, 'image'),
    }),
  },
  {
    when: /denied|unauthorized|no basic auth credentials|authentication required/i,
    tell: (_, { image, servicePath }) => ({
      code: 'registry-refused',
      message: `the registry does not let you push image ${image}`,
      hint: 'log in with docker login, and check that the name is one you may push to',
      ...at(servicePath, 'image'),
    }),
  },
  {
    when: noAnswer,
    tell: (_, { image, servicePath }) => ({
      code: 'registry-unreachable',
      message: `the registry of image ${image} cannot be reached`,
      hint: 'check the network, the proxy settings of the engine, and the name of the image',
      ...at(servicePath, 'image'),
    }),
  },
];

const explanations: readonly Explanation[] = [
  {
    when: /client version (\S+) is too new\. Maximum supported API version is ([\d.]+)/,
    tell: ([, asked, newest]) => ({
      code: 'engine-refused',
      message: `the engine knows no version ${asked} of its API: its newest is ${newest}`,
      hint: `leave out DOCKER_API_VERSION, or set it to ${newest}`,
    }),
  },
  {
    when: /client version (\S+) is too old\. Minimum supported API version is ([\d.]+)/,
    tell: ([, asked, oldest]) => ({
      code: 'engine-refused',
      message: `the engine has forgotten version ${asked} of its API: its oldest is ${oldest}`,
      hint: `leave out DOCKER_API_VERSION, or set it to ${oldest}`,
    }),
  },
  {
    when: /(?:Bind for|bind host port(?: for)?|listen (?:tcp|udp)[46]?) (\S*?:\d+)\b.*(?:already allocated|already in use)/,
    tell: ([, address], { servicePath }) => ({
      code: 'port-in-use',
      message: `port ${address} is in use`,
      hint: `stop what uses it, or publish another port${servicePath === undefined ? '' : ` in ${servicePath}.ports`}`,
      ...at(servicePath, 'ports'),
    }),
  },
  {
    when: /Pool overlaps with other one|overlaps with (?:an )?existing/i,
    tell: () => ({
      code: 'subnet-in-use',
      message: 'another network has addresses of the subnet that this one is to have',
      hint: 'choose another subnet; docker network ls shows the networks there are',
    }),
  },
  {
    when: /all predefined address pools have been fully subnetted|could not find an available, non-overlapping/i,
    tell: () => ({
      code: 'no-subnet-left',
      message: 'the engine has no subnet left for another network',
      hint: 'remove networks that nothing uses: docker network prune; or give the engine more: default-address-pools in its daemon.json',
    }),
  },
  {
    when: /bind source path does not exist: (.*)/,
    tell: ([, source], { servicePath }) => ({
      code: 'bind-source-missing',
      message: `${source} is to be mounted but does not exist`,
      hint: 'create it, or correct the path',
      ...at(servicePath, 'volumes'),
    }),
  },
  {
    when: /exec: \\?"([^"\\]*)\\?": (?:executable file not found|stat .*no such file)/,
    tell: ([, command], { servicePath, service }) => ({
      code: 'command-not-found',
      message: `${service ?? 'the container'} cannot start: there is no ${command} in the image`,
      hint: 'check the command and the entrypoint; a program that only a shell knows needs: sh -c "…"',
      ...at(servicePath, 'command'),
    }),
  },
  {
    when: /exec: \\?"([^"\\]*)\\?": permission denied/,
    tell: ([, command], { servicePath, service }) => ({
      code: 'command-not-executable',
      message: `${service ?? 'the container'} cannot start: ${command} may not be executed`,
      hint: 'make it executable (chmod +x, and build anew), or start it by its interpreter: sh FILE, node FILE',
      ...at(servicePath, 'command'),
    }),
  },
  {
    when: /exec (?:\S+: )?exec format error|exec format error/i,
    tell: (_, { servicePath, service }) => ({
      code: 'wrong-processor',
      message: `${service ?? 'the container'} cannot start: its program was made for another processor, or is no program`,
      hint: 'build or pull the image for this machine; a script needs a first line like #!/bin/sh',
      ...at(servicePath, 'image'),
    }),
  },
  {
    when: /The container name .* is already in use/,
    tell: (_, { name }) => ({
      code: 'name-in-use',
      message: `another container has the name ${name}`,
      hint: `remove it with: docker rm -f ${name}`,
    }),
  },
  {
    when: /no such image|manifest unknown|pull access denied|repository does not exist|manifest for .* not found/i,
    tell: (_, { image, imagePath: path }) => ({
      code: 'image-not-found',
      message: `image ${image} cannot be found`,
      hint: 'check the name and the tag; a private image needs: docker login',
      ...(path === undefined ? {} : { path }),
    }),
  },
  {
    when: /HTTP request to an HTTPS server/,
    tell: () => ({
      code: 'engine-unreachable',
      message: 'the Docker Engine wants an encrypted connection',
      hint: 'set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder with its certificates',
    }),
  },
  {
    when: noAnswer,
    tell: (_, { image, imagePath: path }) => ({
      code: 'registry-unreachable',
      message: `image ${image} is not on this machine and its registry cannot be reached`,
      hint: 'check the network, the proxy settings of the engine, and the name of the image',
      ...(path === undefined ? {} : { path }),
    }),
  },
];

function at(servicePath: string | undefined, key: string): { path?: string } {
  return servicePath === undefined ? {} : { path: `${servicePath}.${key}` };
}

function explainRefusal({ said }: EngineRefusal, action: Action | undefined): ProblemsError {
  const service = action === undefined ? undefined : serviceOf(action);
  return explainRefused(said, {
    service,
    isPush: action?.kind === 'push-image',
    name: action !== undefined && 'container' in action ? action.container.name : '',
    image: action !== undefined && 'image' in action ? action.image : '',
    imagePath: action?.kind === 'pull-image' ? action.path : undefined,
  });
}

function explainRefused(
  said: string,
  {
    service,
    isPush = false,
    ...known
  }: Partial<Omit<About, 'service' | 'servicePath'>> & {
    readonly service: string | undefined;
    readonly isPush?: boolean;
  },
): ProblemsError {
  const about: About = {
    service,
    servicePath: service === undefined ? undefined : `services.${service}`,
    name: known.name ?? '',
    image: known.image ?? '',
    imagePath: known.imagePath ?? (service === undefined ? undefined : `services.${service}.image`),
  };
  for (const { when, tell } of isPush ? pushExplanations : explanations) {
    const match = when.exec(said);
    if (match !== null)
      return failure({ ...(service === undefined ? {} : { service }), ...tell(match, about), cause: said });
  }
  return failure({
    ...(service === undefined ? {} : { service }),
    code: 'engine-refused',
    message: `the engine refused: ${said.split('\n', 1)[0]}`,
    cause: said,
  });
}
