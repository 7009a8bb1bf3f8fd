import type { PropertyValues } from '../api/property.ts';

/**
 * Preconditions of a write: lists of ETags, `*` for any, absent for none. ETags are upper-case hexadecimal; those that
 * cannot be ours are left out, since they match nothing.
 */
export interface Preconditions {
  readonly ifMatch?: '*' | readonly string[];
  readonly ifNoneMatch?: '*' | readonly string[];
}

/** What a client wants written; everything in it is validated. */
export type Command =
  | { readonly kind: 'create'; readonly values: PropertyValues }
  | { readonly kind: 'replace'; readonly id: number; readonly values: PropertyValues; readonly preconditions: Preconditions }
  | { readonly kind: 'delete'; readonly id: number; readonly preconditions: Preconditions };

/** What a packet is to do with a property, as far as its place in the list goes. */
export interface Intent {
  readonly kind: Command['kind'];
  /** The `sold_time` that the property gets; absent: it goes. */
  readonly soldTime?: string | null;
}

/** One packet of statements with its values. */
export interface Packet extends Intent {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** It may share a transaction with others of its kind: see {@link toBatch}. */
  readonly isShareable?: true;
}

const CALLS = {
  create: { procedure: 'create_property_v1', parameters: 12 },
  replace: { procedure: 'replace_property_v2', parameters: 15 },
  delete: { procedure: 'delete_property_v2', parameters: 5 },
} as const;

const list = (etags: '*' | readonly string[] | undefined): string | null => (etags === undefined ? null : etags === '*' ? '*' : etags.join(','));

function parameters(command: Command): readonly unknown[] {
  if (command.kind === 'create') return columns(command.values);
  const where = [command.id, list(command.preconditions.ifMatch), list(command.preconditions.ifNoneMatch)];
  return command.kind === 'replace' ? [...where, ...columns(command.values)] : where;
}

const columns = (values: PropertyValues): readonly unknown[] => [
  values.address, values.suburb_name, values.property_type, values.bedrooms, values.bathrooms, values.carparks, values.land_size,
  values.price, values.sold_time, values.link,
];

/**
 * The one packet that a write is. The statement after the call belongs to it: a commit that a stopping server let through
 * without its acknowledgement is told apart by that statement's failure.
 * @param keyHash 32 bytes that name the request
 * @param bodyHash 32 bytes that stand for all it asks
 */
export function toPacket(command: Command, keyHash: Buffer, bodyHash: Buffer): Packet {
  const { procedure, parameters: count } = CALLS[command.kind];
  const sql = `CALL ${procedure}(${Array.from({ length: count }, () => '?').join(', ')}); DO 0`;
  const { kind } = command;
  return {
    sql, kind, values: [keyHash, bodyHash, ...parameters(command)],
    ...(kind === 'delete' ? {} : { soldTime: command.values.sold_time }), ...(kind === 'create' ? { isShareable: true } : {}),
  };
}

/** One packet, and one transaction, for several that are shareable. Its answer is read by `readOutcomes`. */
export function toBatch(packets: readonly Packet[]): Pick<Packet, 'sql' | 'values'> {
  return { sql: 'CALL create_properties_v1(?); DO 0', values: [JSON.stringify(packets.map(({ values }) => values.map(asText)))] };
}

/** JSON has no bytes, and MySQL may read its numbers as doubles. */
function asText(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return typeof value === 'number' ? String(value) : value;
}
