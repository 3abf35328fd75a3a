import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'microsoft-edge'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Nothing of its own goes out: it shows what the tests ask for. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // As in browsers that ask nobody whether a page of the internet may reach this computer.
  '--disable-features=LocalNetworkAccessChecks',
];

/**
 * A headless Chromium of this computer, for which every name under `.example` is this computer.
 * @throws Error saying what to install where there is none
 */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumHere(),
    args: [...QUIET, '--host-resolver-rules=MAP *.example 127.0.0.1'],
  });
}

function chromiumHere(): string {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM) return CHROMIUM;
  const onPath = NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  const found = [...onPath, ...ELSEWHERE].find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    'There is no Chromium: install one (on Debian: apt-get install chromium-headless-shell), or name it by CHROMIUM.',
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
