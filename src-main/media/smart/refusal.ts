/** Why the packets of a clip cannot be copied into an export; the message ends "all frames are encoded anew: …". */
export class CopyRefusal extends Error {}

export function refuse(reason: string): never {
  throw new CopyRefusal(reason);
}
