import type { Command } from 'commander';
import type { Add } from './program.ts';

/** The commands that hand a stack on: to a registry, and as a picture. */
export function addPublishCommands(program: Command, add: Add): void {
  const hidden = (flags: string) => program.createOption(flags).hideHelp();
  add(
    program
      .command('publish')
      .description('publish the files of the stack in a registry, for -f oci://HOST/NAME:TAG')
      .argument('<REPOSITORY>', 'where to: HOST/NAME:TAG')
      .option('--app', 'also keep the images of services there, and name them by their digests')
      .option(
        '--oci-version <version>',
        '1.0 or 1.1 of the OCI specification (default: what the registry takes)',
      )
      .option('--resolve-image-digests', 'name images by the digests that their registries tell')
      .option('--with-env', 'also publish environment variables and env files')
      .option('-y, --yes', 'do not ask')
      .option('--dry-run', 'only tell what would be done')
      .addOption(hidden('--y'))
      .addOption(hidden('--insecure-registry')),
    async () => (await import('./run-publish.ts')).runPublish,
    'own arguments',
  );
  add(
    program
      .command('viz')
      .description('print the services and what they depend on as a graph for Graphviz')
      .option('--image', 'with the images of services')
      .option('--networks', 'with the networks of services')
      .option('--ports', 'with the published ports of services')
      .option('--indentation-size <number>', 'how far lines are indented', '1')
      .option('--spaces', 'by blanks, not by tabs'),
    async () => (await import('./run-viz.ts')).runViz,
    'own arguments',
  );
}
