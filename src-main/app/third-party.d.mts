/** The text of THIRD-PARTY.md. */
export function thirdParty(): string;
