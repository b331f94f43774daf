import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineName, type LineName } from './line-name.ts';
import { addressInName } from './line/address-in-name.ts';

type Named = readonly [name: string, ip: string];

function each(named: readonly Named[], is: LineName['is']): void {
  for (const [name, ip] of named) assert.equal(lineName(name, ip).is, is, `${name} ${ip}`);
}

test('lines of providers in Japan are known by their names', () => {
  each(
    [
      ['p1234567-ipxg00501hodogaya.kanagawa.ocn.ne.jp', '153.131.2.3'],
      ['i118-21-1-2.s41.a014.ap.plala.or.jp', '118.21.1.2'],
      ['sp49-98-1-2.msd.spmode.ne.jp', '49.98.1.2'],
      ['KD106154001002.au-net.ne.jp', '106.154.1.2'],
      ['KD111101001002.ppp-bb.dion.ne.jp', '111.101.1.2'],
      ['softbank126001002003.bbtec.net', '126.1.2.3'],
      ['pw126033001002.panda-world.ne.jp', '126.33.1.2'],
      ['FL1-119-239-1-2.tky.mesh.ad.jp', '119.239.1.2'],
      ['pd1234567.tokynt01.ap.so-net.ne.jp', '209.35.69.103'],
      ['ntkngw123456.kngw.nt.ngn.ppp.infoweb.ne.jp', '124.27.1.2'],
      ['j012034.ppp.asahi-net.or.jp', '61.213.12.34'],
      ['zaqd37c0a01.rev.zaq.ne.jp', '211.124.10.1'],
      ['101-143-1-2f1.kyt1.eonet.ne.jp', '101.143.1.2'],
      ['M014011002033.v4.enabler.ne.jp', '14.11.2.33'],
      ['catv-61-200-1-2.medias.ne.jp', '61.200.1.2'],
    ],
    'dynamic',
  );
});

test('and those of others in the world', () => {
  each(
    [
      ['c-73-12-34-56.hsd1.ca.comcast.net', '73.12.34.56'],
      ['pool-71-1-2-3.nycmny.fios.verizon.net', '71.1.2.3'],
      ['cpe-24-24-1-2.socal.res.rr.com', '24.24.1.2'],
      ['p5B0A0102.dip0.t-ipconnect.de', '91.10.1.2'],
      ['dslb-088-064-001-002.088.064.pools.vodafone-ip.de', '88.64.1.2'],
      ['lfbn-idf1-1-2-3.w86-1.abo.wanadoo.fr', '86.1.2.3'],
      ['host86-1-2-3.range86-1.btcentralplus.com', '86.1.2.3'],
      ['2.1.230.61.dynamic-ip.hinet.net', '61.230.1.2'],
      ['120.1.2.3.broad.gz.gd.dynamic.163data.com.cn', '120.1.2.3'],
      ['189-1-2-3.user.veloxzone.com.br', '189.1.2.3'],
      ['dhcp-077-250-001-002.chello.nl', '77.250.1.2'],
      ['ppp-93-104-1-2.dynamic.mnet-online.de', '93.104.1.2'],
      ['adsl-pool-17.example.net', '192.0.2.17'],
      ['p200300c1a70b1c00d4e5f60718293a4b.dip0.t-ipconnect.de', '2003:c1:a70b:1c00:d4e5:f607:1829:3a4b'],
      ['softbank240b0010a1b2c3d4e5f60718293a4b5c.bbtec.net', '240b:10:a1b2:c3d4:e5f6:718:293a:4b5c'],
    ],
    'dynamic',
  );
});

test('servers, and lines that are said to stay, are not taken for such', () => {
  each(
    [
      ['mail.example.jp', '192.0.2.1'],
      ['mx1.ocn.ne.jp', '192.0.2.1'],
      ['static-192-0-2-1.provider.example', '192.0.2.1'],
      ['smtp-out-127.amazonses.com', '54.240.8.127'],
      ['mail-bn8nam12on2100.outbound.protection.outlook.com', '40.107.237.100'],
      ['v133-130-1-2.a012.g.tyo1.static.cnode.io', '133.130.1.2'],
      ['mx01.eonet.ne.jp', '192.0.2.1'],
      ['wsip-1-2-3-4.biz.rr.com', '1.2.3.4'],
      ['50-1-2-3-static.hfc.comcastbusiness.net', '50.1.2.3'],
    ],
    'fixed',
  );
  each(
    [
      ['aoba.example.jp', '192.0.2.1'],
      ['ngw01.hi-ho.ne.jp', '192.0.2.1'],
      ['gw12.commufa.jp', '192.0.2.1'],
      ['www123b.sakura.ne.jp', '192.0.2.1'],
      ['mogw1021.ocn.ad.jp', '153.149.1.2'],
      ['o1.ptr1234.sendgrid.net', '167.89.1.2'],
      ['NAM12-BN8-obe.protection.outlook.com', '40.107.237.1'],
      ['pool.ntp.example', '192.0.2.1'],
      ['home.example.org', '192.0.2.1'],
    ],
    'own',
  );
  assert.equal(lineName('mail-yw1-f169.google.com', '209.85.128.169').is, 'fixed');
});

test('a name made of the address alone says nothing about how long it stays', () => {
  each(
    [
      ['ec2-3-112-1-2.ap-northeast-1.amazonaws.com', '3.112.1.2'],
      ['192-0-2-1.example.net', '192.0.2.1'],
      ['ip-192-0-2-1.example.net', '192.0.2.1'],
    ],
    'generic',
  );
});

test('an address is found in a name however it is written', () => {
  const ways = [
    '192-0-2-77',
    '77.2.0.192',
    '192.0.2.77',
    '192x0x2x77',
    '77-2-0-192',
    '192000002077',
    'c000024d',
    '4d0200c0',
    '3221226061',
    'c0-00-02-4d',
    'host0-2-77',
    '2-77.192-0',
    '2-077-192-000',
    'h192_0_2_77',
  ];
  for (const way of ways) assert.equal(addressInName(`${way}.example`, '192.0.2.77'), 'whole', way);
  assert.equal(addressInName('n2-77.example', '192.0.2.77'), 'part');
  for (const other of ['192-0-3-77', '1192000002077x', 'c000024', 'mail77', '2-7-7'])
    assert.equal(addressInName(`${other}.example`, '192.0.2.78'), 'no', other);
  const ip = '2001:db8:12:34:a1b2:c3d4:e5f6:7089';
  for (const way of [
    '2001-db8-12-34-a1b2-c3d4-e5f6-7089',
    'a1b2-c3d4-e5f6-7089',
    'a1b2c3d4e5f67089.cust',
    '9.8.0.7.6.f.5.e.4.d.3.c.2.b.1.a.4.3.0.0.2.1.0.0.8.b.d.0.1.0.0.2',
  ])
    assert.equal(addressInName(`${way}.example`, ip), 'whole', way);
  assert.equal(addressInName('mail.example', '2001:db8::25'), 'no');
  assert.equal(addressInName('2001-db8--25.example', '2001:db8::25'), 'whole');
  assert.equal(addressInName('mail.example', 'nonsense'), 'no');
});

test('any name at all gets a verdict, at once', () => {
  for (const name of ['', '.', 'a'.repeat(255), '1.'.repeat(120), '-'.repeat(250), 'ocn.ne.jp', '日本'])
    for (const ip of ['192.0.2.1', '::1', '']) assert(lineName(name, ip).is.length > 0);
});
