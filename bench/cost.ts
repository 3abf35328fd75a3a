import { PRICES, PRICES_OF, type Region } from './prices.ts';
import type { Row, Section } from './section.ts';

/**
 * The consumption of one call of each kind. Units are those of the section `capacity`; `seconds` is billed time on AWS, estimated:
 * a call to DynamoDB takes 5 ms there, one to WeChat 200 ms. `logBytes` are our lines, Lambda's own and the access log's.
 */
type Use = {
  readonly seconds: number;
  readonly memoryMb: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly logBytes: number;
  readonly isRequest: boolean;
};

const DELIVERY: Use = { seconds: 0.01, memoryMb: 512, readUnits: 0, writeUnits: 2, logBytes: 1_200, isRequest: true };
const OPERATOR_CALL: Use = {
  seconds: 0.25,
  memoryMb: 512,
  readUnits: 2,
  writeUnits: 1,
  logBytes: 900,
  isRequest: true,
};
const TOKEN_CHECK: Use = { seconds: 0.01, memoryMb: 512, readUnits: 1, writeUnits: 0, logBytes: 500, isRequest: false };
const TOKEN_RENEWAL: Use = { ...TOKEN_CHECK, seconds: 0.3, writeUnits: 2, logBytes: 800 };
const ROLLUP: Use = { seconds: 0.3, memoryMb: 1024, readUnits: 10, writeUnits: 1, logBytes: 600, isRequest: false };

/** The account's credentials, and the key that signs sessions. */
const SECRETS = 2;
const HOURS_A_MONTH = 730;
const SCHEDULED: readonly (readonly [number, Use])[] = [
  [HOURS_A_MONTH * 30, TOKEN_CHECK],
  [HOURS_A_MONTH / 2, TOKEN_RENEWAL],
  [HOURS_A_MONTH, ROLLUP],
];

const MILLION = 1_000_000;

/** The bytes of a text message in the table and its index, with DynamoDB's overhead. */
const STORED_BYTES = 2 * (400 + 100);

export const cost: Section = {
  title: 'What AWS charges, US$',
  about:
    `List prices of ${PRICES_OF}, before free tiers; billed time is estimated. Not counted: a fixed egress address, ` +
    'alarms (0.10 each a month), backups, traffic out.',
  measure: async () => {
    const regions = Object.keys(PRICES) as Region[];
    return Object.entries(FIGURES).map(
      ([what, price]): Row => ({
        what,
        ...Object.fromEntries(regions.map((region) => [region, price(region)])),
      }),
    );
  },
};

const FIGURES: Readonly<Record<string, (region: Region) => number>> = {
  'a million deliveries, recorded and answered': (region) => MILLION * priceOf(DELIVERY, region).all,
  '  of it HTTP API': (region) => MILLION * PRICES[region].httpApiRequest,
  '  of it Lambda': (region) => MILLION * priceOf(DELIVERY, region).lambda,
  '  of it DynamoDB writes': (region) => MILLION * priceOf(DELIVERY, region).units,
  '  of it logs': (region) => MILLION * priceOf(DELIVERY, region).logs,
  'keeping a million deliveries for a month': (region) => (MILLION * STORED_BYTES * PRICES[region].storedGbMonth) / 1e9,
  'a thousand /cgi-bin calls that change something': (region) => 1_000 * priceOf(OPERATOR_CALL, region).all,
  'an idle month: schedules': (region) => idle(region),
  'an idle month: schedules and secrets': (region) => idle(region) + SECRETS * PRICES[region].secretMonth,
};

const idle = (region: Region): number =>
  SCHEDULED.reduce((total, [times, use]) => total + times * priceOf(use, region).all, 0);

function priceOf({ seconds, memoryMb, readUnits, writeUnits, logBytes, isRequest }: Use, region: Region) {
  const prices = PRICES[region];
  const lambda = prices.lambdaRequest + seconds * (memoryMb / 1024) * prices.lambdaGbSecond;
  const units = readUnits * prices.readUnit + writeUnits * prices.writeUnit;
  const logs = (logBytes / 1e9) * prices.logGb;
  return { lambda, units, logs, all: lambda + units + logs + (isRequest ? prices.httpApiRequest : 0) };
}
