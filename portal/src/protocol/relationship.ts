/** One patient at one provider, by number. */
export interface RelationshipId {
  member: number;
  index: number;
}

/** As people and gatekeepers write it: `r0-3`. */
export const relationshipName = ({ member, index }: RelationshipId): string => `r${member}-${index}`;

/** The relationship of a text such as `r0-3`. */
export function parseRelationship(name: string): RelationshipId | undefined {
  const found = /^r(0|[1-9]\d{0,9})-(0|[1-9]\d{0,9})$/.exec(name);
  return found ? { member: Number(found[1]), index: Number(found[2]) } : undefined;
}
