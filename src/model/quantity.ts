/** Kubernetes' quantities: a decimal number with an SI (`m k M G T P E`), binary (`Ki Mi Gi Ti Pi Ei`) or exponent (`e3`) suffix. */

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
};

/** What a quantity that cannot be read is told. */
export const QUANTITY_TEXT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** The number that a quantity means; undefined when it is none. */
export function parseQuantity(quantity: string | number): number | undefined {
  if (typeof quantity === 'number') return Number.isFinite(quantity) ? quantity : undefined;
  const match = /^([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:[eE]([+-]?[0-9]{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(quantity);
  if (!match) return undefined;
  const [, digits, exponent, suffix = ''] = match;
  return exponent === undefined ? Number(digits) * SUFFIXES[suffix]! : Number(`${digits}e${exponent}`);
}

/** A quantity of memory or disk in whole bytes, rounded up; undefined when it is none. */
export function parseBytes(quantity: string | number): number | undefined {
  const value = parseQuantity(quantity);
  return value === undefined ? undefined : Math.ceil(value);
}

/** A quantity of processor in thousandths of a core, rounded up; undefined when it is none. */
export function parseCpuMillis(quantity: string | number): number | undefined {
  const value = parseQuantity(quantity);
  // Rounded off first: 0.001 * 1000 must not become 2.
  return value === undefined ? undefined : Math.ceil(Math.round(value * 1e9) / 1e6);
}
