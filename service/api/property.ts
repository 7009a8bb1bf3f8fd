import { type Static, type TOptional, type TUnsafe, Type } from '@sinclair/typebox';
import type { Row } from '../ports.ts';
import { answeredTime, storedTime } from './time.ts';

/** Largest values. INT UNSIGNED; and a price of 15 digits, which a double keeps exactly. */
const INTEGER_MAX = 4_294_967_295;
const PRICE_MAX = 9_999_999_999_999.99;

/** JSON Schema 2020-12 writes "or null" as a list of types. */
const text = (keywords: Readonly<Record<string, unknown>>): TUnsafe<string | null> => Type.Unsafe({ type: ['string', 'null'], ...keywords });
const count = (description: string): TUnsafe<number | null> => Type.Unsafe({ type: ['integer', 'null'], minimum: 0, maximum: INTEGER_MAX, description });

const ADDRESS = Type.String({ minLength: 1, maxLength: 255, format: 'text', description: 'Where it is.' });

const FIELDS = {
  suburb_name: text({ maxLength: 255, format: 'text', description: 'Name of the suburb.' }),
  property_type: text({ maxLength: 100, format: 'text', description: 'Such as house, unit, townhouse.' }),
  bedrooms: count('Number of bedrooms.'),
  bathrooms: count('Number of bathrooms.'),
  carparks: count('Number of places for cars.'),
  land_size: count('Square metres.'),
  price: Type.Unsafe<number | null>({ type: ['number', 'null'], minimum: 0, maximum: PRICE_MAX, multipleOf: 0.01, description: 'At most two decimals; kept exactly.' }),
  sold_time: text({
    format: 'date-time',
    description: 'ISO 8601 with offset, from the year 1000 to 9999; kept to the second and answered in UTC, as 2016-05-07T00:00:00+00:00.',
  }),
  link: text({ maxLength: 255, format: 'uri', description: 'An http or https URL.' }),
} as const;

const ID = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Given by the service.' });

const OPTIONAL = Object.fromEntries(Object.entries(FIELDS).map(([name, schema]) => [name, Type.Optional(schema)])) as { [K in keyof typeof FIELDS]: TOptional<(typeof FIELDS)[K]> };

/** The body of POST: all but the address may be null or left out. */
export const NewProperty = Type.Object({ address: ADDRESS, ...OPTIONAL }, { $id: 'NewProperty', additionalProperties: false, title: 'A property to be added' });

/** The body of PUT: what is left out becomes null; an id must be the path's. */
export const ReplacedProperty = Type.Object({ id: Type.Optional(ID), address: ADDRESS, ...OPTIONAL }, { $id: 'ReplacedProperty', additionalProperties: false, title: 'What a property shall be' });

/** What is answered. */
export const Property = Type.Object({ id: ID, address: ADDRESS, ...FIELDS }, { $id: 'Property', additionalProperties: false, title: 'A property' });

export type NewProperty = Static<typeof NewProperty>;

/** A property as it is stored, without its id: `sold_time` as MySQL's DATETIME in UTC. */
export interface PropertyValues {
  readonly address: string;
  readonly suburb_name: string | null;
  readonly property_type: string | null;
  readonly bedrooms: number | null;
  readonly bathrooms: number | null;
  readonly carparks: number | null;
  readonly land_size: number | null;
  readonly price: number | null;
  readonly sold_time: string | null;
  readonly link: string | null;
}

/** What is stored for a body that was found valid. −0 becomes 0. */
export const toValues = (body: NewProperty): PropertyValues => ({
  address: body.address,
  suburb_name: body.suburb_name ?? null,
  property_type: body.property_type ?? null,
  bedrooms: number(body.bedrooms),
  bathrooms: number(body.bathrooms),
  carparks: number(body.carparks),
  land_size: number(body.land_size),
  price: number(body.price),
  sold_time: typeof body.sold_time === 'string' ? (storedTime(body.sold_time) ?? null) : null,
  link: body.link ?? null,
});

const number = (value: number | null | undefined): number | null => (typeof value === 'number' ? value + 0 : null);

/** The columns that a representation is made of, for SELECT. */
export const COLUMNS = 'id, address, suburb_name, property_type, bedrooms, bathrooms, carparks, land_size, price, sold_time, link';

/** Reads a row of {@link COLUMNS}. DECIMAL comes as text; with at most 15 digits its number is exact. */
export const fromRow = (row: Row): { readonly id: number; readonly values: PropertyValues } => ({
  id: Number(row['id']),
  values: { ...(row as unknown as PropertyValues), price: row['price'] === null ? null : Number(row['price']) },
});

/** The JSON text that is answered, the same for the same property wherever it comes from. */
export const represent = (id: number, values: PropertyValues): string =>
  JSON.stringify({
    id,
    address: values.address,
    suburb_name: values.suburb_name,
    property_type: values.property_type,
    bedrooms: values.bedrooms,
    bathrooms: values.bathrooms,
    carparks: values.carparks,
    land_size: values.land_size,
    price: values.price,
    sold_time: values.sold_time === null ? null : answeredTime(values.sold_time),
    link: values.link,
  });
