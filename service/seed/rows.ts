import { randomFrom } from '../../common/random.ts';
import type { PropertyValues } from '../api/property.ts';

/** Suburbs with what a house costs there, in thousands. */
const SUBURBS: readonly (readonly [string, number])[] = [
  ['Ashford', 610], ['Bellmere', 480], ['Birchwood', 725], ['Brookfield', 890], ['Cedar Hill', 540], ['Clarendon', 1150], ['Coldstream', 430],
  ['Darley', 375], ['Eastlake', 980], ['Fairview', 660], ['Glenorchy', 515], ['Harrow Bay', 1480], ['Ironbark', 405], ['Kingsmead', 835],
  ['Laurel Park', 700], ['Marsden', 560], ['North Quay', 1320], ['Oakdale', 590], ['Pine Ridge', 465], ['Queenscliff', 1090], ['Rosedale', 505],
  ['Saltwater', 945], ['Thornbury', 775], ['Upper Wren', 620], ['Vermont', 815], ['Westhaven', 1010], ['Yarrow Vale', 450],
];
const STREETS = ['Acacia', 'Albert', 'Banksia', 'Bridge', 'Church', 'Elm', 'George', 'Grange', 'Harbour', 'High', 'Hillcrest', 'Jasmine', 'Kent', 'Lake', 'Mill', 'Myrtle', 'Orchard', 'Park', 'Queen', 'River', 'Station', 'Victoria', 'Wattle', 'Willow'];
const KINDS = ['Street', 'Street', 'Street', 'Road', 'Road', 'Avenue', 'Court', 'Lane', 'Crescent', 'Place'];

/** Kinds of property: share, share of a house's price, most bedrooms beyond the first, square metres of land. */
const TYPES = [
  { name: 'house', share: 0.62, price: 1, bedrooms: 4, land: [350, 1200] },
  { name: 'unit', share: 0.23, price: 0.58, bedrooms: 2, land: undefined },
  { name: 'townhouse', share: 0.13, price: 0.74, bedrooms: 3, land: [120, 320] },
  { name: 'land', share: 0.02, price: 0.5, bedrooms: undefined, land: [400, 2500] },
] as const;

const FIRST_SALE = Date.UTC(2007, 0, 1) / 1000;
const LAST_SALE = Date.UTC(2024, 11, 31) / 1000;
/** So many are for sale and have no sold_time; so many were sold for a price that nobody tells. */
const UNSOLD = 0.03;
const SECRET_PRICE = 0.05;

/**
 * The property of this number: plausible, and the same for the same seed, whoever asks and in whatever order.
 * @param index from 0
 */
export function seedRow(seed: number, index: number): PropertyValues {
  const random = randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const [suburb, level] = oneOf(SUBURBS);
  const type = typeOf(random());
  const number = between(1, 240);
  const street = `${number} ${oneOf(STREETS)} ${oneOf(KINDS)}`;
  const address = type.name === 'unit' ? `${between(1, 40)}/${street}` : street;
  const bedrooms = type.bedrooms === undefined ? null : 1 + between(0, type.bedrooms);
  const sold = random() < UNSOLD ? null : FIRST_SALE + Math.floor(random() * (LAST_SALE - FIRST_SALE));
  const price = Math.round((level * type.price * (0.7 + random() * 0.7) * yearly(sold)) * 2) * 500;
  return {
    address: `${address}, ${suburb}`,
    suburb_name: suburb,
    property_type: type.name,
    bedrooms,
    bathrooms: bedrooms === null ? null : Math.max(1, bedrooms - between(1, 2)),
    carparks: bedrooms === null ? null : between(0, 3),
    land_size: type.land === undefined ? null : between(type.land[0], type.land[1]),
    price: sold === null || random() < SECRET_PRICE ? null : price,
    sold_time: sold === null ? null : new Date(sold * 1000).toISOString().slice(0, 10).concat(' 00:00:00'),
    link: `https://example.com/property/${seed}-${index}`,
  };
}

function typeOf(point: number): (typeof TYPES)[number] {
  let reached = 0;
  return TYPES.find(({ share }) => (reached += share) > point) ?? TYPES[0];
}

/** Prices grow by 4 % a year. */
const yearly = (sold: number | null): number => 1.04 ** (((sold ?? LAST_SALE) - FIRST_SALE) / 31_557_600 - 10);
