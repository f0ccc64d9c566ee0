/** Why the packets of a clip cannot be copied into an export; the message ends "all frames are encoded anew: …". */
export class CopyRefusal extends Error {}

export function refuse(reason: string): never {
  throw new CopyRefusal(reason);
}

/** What `parse` makes of a stream's parameters; refuses where it reads beyond their end. */
export function readParameters<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) refuse('its parameters cannot be read');
    throw error;
  }
}
