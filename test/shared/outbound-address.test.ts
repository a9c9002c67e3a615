import { describe, expect, test } from 'vitest';
import { isAllowed, isPublic, networksOf, urlFault } from '#shared/outbound-address.ts';

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '77.88.8.8',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '2606:4700::1111',
  '2a02:6b8::feed:ff',
  '::ffff:8.8.8.8',
];
const PRIVATE: Readonly<Record<string, string>> = {
  '127.0.0.1': 'our own machine',
  '127.255.255.254': 'our own machine',
  '::1': 'our own machine',
  '0.0.0.0': 'any address of our own',
  '0.1.2.3': 'this network',
  '::': 'any address of our own',
  '10.0.0.1': 'a private network',
  '172.16.0.1': 'a private network',
  '172.31.255.255': 'a private network',
  '192.168.1.1': 'a private network',
  'fd00::1': 'a private network',
  'fc00::1': 'a private network',
  'fec0::1': 'a private network of old',
  '169.254.1.1': 'the cable',
  '169.254.169.254': "the cloud's metadata",
  'fd00:ec2::254': "the cloud's metadata",
  'fe80::1': 'the cable',
  '100.64.0.1': "the provider's network",
  '100.127.255.255': "the provider's network",
  '192.0.0.8': "the protocol's own",
  '192.0.2.1': 'a book',
  '198.51.100.1': 'a book',
  '203.0.113.1': 'a book',
  '2001:db8::1': 'a book',
  '3fff::1': 'a book',
  '198.18.0.1': 'a test bench',
  '2001:2::1': 'a test bench',
  '192.88.99.1': 'an old relay',
  '224.0.0.1': 'a group',
  '239.255.255.250': 'a group',
  'ff02::1': 'a group',
  '240.0.0.1': 'nobody',
  '255.255.255.255': 'everybody',
  '::ffff:127.0.0.1': 'our own machine, mapped',
  '::ffff:169.254.169.254': 'metadata, mapped',
  '::127.0.0.1': 'our own machine, of old',
  '::ffff:0:7f00:1': 'our own machine, translated',
  '64:ff9b::7f00:1': 'our own machine, by NAT64',
  '64:ff9b::a9fe:a9fe': 'metadata, by NAT64',
  '64:ff9b:1::7f00:1': 'our own machine, by a local NAT64',
  '2002:7f00:1::': 'our own machine, by 6to4',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2': 'a tunnel',
  '100::1': 'nothing',
  '4000::1': 'nobody',
  '1::1': 'nobody',
  '5f00::1': 'a segment',
  '2130706433': 'no address',
  localhost: 'no address',
  '': 'no address',
};

describe('addresses that may be called', () => {
  test.each(PUBLIC)('%s is on the open internet', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  test.each(Object.entries(PRIVATE))('%s is not: it is %s', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  test('the networks of the firm may be called beside them, and no others', () => {
    const networks = networksOf('10.1.0.0/16, fd12::/32');
    expect(['10.1.2.3', 'fd12::5', '8.8.8.8'].map((one) => isAllowed(one, networks))).toEqual([true, true, true]);
    expect(['10.2.0.1', 'fd13::5', '127.0.0.1', 'x'].map((one) => isAllowed(one, networks))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(networksOf('')).toEqual([]);
    expect(() => networksOf('10.1.0.0')).toThrow('CIDR');
  });
});

describe('what is typed as an address', () => {
  const faultOf = (text: string) => urlFault(text, []);

  test.each([
    'https://firm.example/hook',
    'https://firm.example',
    'https://firm.example:8443/hook?key=1',
    'https://xn--80akhbyknj4f.xn--p1ai/',
    'https://пример.рф/hook',
    'https://8.8.8.8/hook',
    'https://[2606:4700::1111]/hook',
  ])('%s may be called', (text) => {
    expect(faultOf(text)).toBeUndefined();
  });

  test.each([
    ['', 'not an address'],
    ['firm.example', 'not an address'],
    ['//firm.example', 'not an address'],
    ['http://firm.example/', 'https'],
    ['http://localhost/', 'https'],
    ['ftp://firm.example/', 'https'],
    ['file:///etc/passwd', 'https'],
    ['https://user@firm.example/', 'password'],
    ['https://user:secret@firm.example/', 'password'],
    ['https://firm.example/#part', '#'],
    ['https://firm.example:22/', 'port 22'],
    ['https://firm.example:80/', 'port 80'],
    ['https://firm.example:1023/', 'port 1023'],
    ['https://localhost/', 'private network'],
    ['https://intranet/', 'private network'],
    ['https://127.0.0.1/', 'open internet'],
    ['https://[::1]/', 'open internet'],
    ['https://[::ffff:127.0.0.1]/', 'usual way'],
    ['https://[::ffff:7f00:1]/', 'open internet'],
    ['https://169.254.169.254/latest/meta-data/', 'open internet'],
    ['https://2130706433/', 'usual way'],
    ['https://0x7f000001/', 'usual way'],
    ['https://0x7f.1/', 'usual way'],
    ['https://0177.0.0.1/', 'usual way'],
    ['https://017700000001/', 'usual way'],
    ['https://127.1/', 'usual way'],
    ['https://127.0.0.1./', 'usual way'],
    ['https://①②⑦.0.0.1/', 'usual way'],
    ['https://134744072/', 'usual way'],
    ['https://1.1/', 'usual way'],
    ['https://[0:0:0:0:0:0:0:1]/', 'usual way'],
    ['https://[fe80::1%25eth0]/', 'not an address'],
    ['https://256.1.1.1/', 'not an address'],
  ])('%s is refused: %s', (text, why) => {
    expect(faultOf(text)).toContain(why);
  });
});
