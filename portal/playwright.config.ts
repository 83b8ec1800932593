import { defineConfig } from '@playwright/test';

/** Debian's Chromium, alone with our own servers: nothing in the background asks anybody. */
export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Generous: other work on the machine makes everything slow, and nothing wrong.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  workers: 1,
  retries: 0,
  reporter: 'line',
  use: {
    viewport: { width: 1100, height: 820 },
    locale: 'en-GB',
    timezoneId: 'Europe/Amsterdam',
    trace: 'off',
    launchOptions: {
      executablePath: process.env.MEDREC_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-default-apps',
        '--disable-sync',
        '--no-first-run',
        '--no-pings',
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
      ],
    },
  },
});
