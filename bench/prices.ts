/** AWS's list prices in US$, of 2025, before free tiers and taxes. They change: look before you decide. */
export const PRICES_OF = '2025';

/** The number of units one price is for. */
const M = 1_000_000;

export const PRICES = {
  'us-east-1': {
    lambdaRequest: 0.2 / M,
    lambdaGbSecond: 0.0000133334,
    httpApiRequest: 1 / M,
    writeUnit: 0.625 / M,
    readUnit: 0.125 / M,
    logGb: 0.5,
    storedGbMonth: 0.25,
    secretMonth: 0.4,
  },
  'ap-southeast-1': {
    lambdaRequest: 0.2 / M,
    lambdaGbSecond: 0.0000133334,
    httpApiRequest: 1.25 / M,
    writeUnit: 0.7125 / M,
    readUnit: 0.1425 / M,
    logGb: 0.7,
    storedGbMonth: 0.285,
    secretMonth: 0.4,
  },
} as const;

export type Region = keyof typeof PRICES;
