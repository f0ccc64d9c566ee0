import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { ModelFamily } from '../../src-shared/core/families/index.ts';

/** Licences under which everything may be done with a model. */
const freeLicences = new Set(['apache-2.0', 'mit', 'bsd-2-clause', 'bsd-3-clause', 'cc0-1.0', 'unlicense']);

function notAccepted(message: string): HetcutError {
  return new HetcutError('licence-not-accepted', message, {
    hint: 'Read the licence on the page of the model; to accept it, give --accept-licence.',
    exitCode: 2,
  });
}

/** Throws `licence-not-accepted` for a repository whose licence is unknown or restricts the use. */
export function requireFreeLicence(repository: string, licence: string | undefined): void {
  if (licence !== undefined && freeLicences.has(licence)) return;
  throw notAccepted(
    licence === undefined
      ? `${repository}: the server does not state its licence.`
      : `${repository} is under the licence "${licence}", which may restrict what it is used for.`,
  );
}

/** Throws `licence-not-accepted` for a folder of a family whose makers restrict the use. */
export function requireFreeFamily(folder: string, { licence }: Pick<ModelFamily, 'licence'>): void {
  if (licence !== undefined) throw notAccepted(`${folder}: ${licence}`);
}
