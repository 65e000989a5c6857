// The picture in README: the page of a timeline, as a browser shows it.
// usage: node picture.mjs PAGE.html PICTURE.png [HASH]

import { browserOpen, pageOpen, pageSettled } from './page.mjs';

const [, , file, picture, hash = '#v=1&c=1&p=4'] = process.argv;
const browser = await browserOpen();
const page = await pageOpen(browser, file, { hash, width: 1400, height: 860 });
await pageSettled(page);
await page.screenshot({ path: picture });
await browser.close();
