import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { Renderer } from './renderer.ts';

const renderer = new Renderer(systemClock);
after(() => renderer[Symbol.asyncDispose]());

test('subject and text are inserted as they are, HTML is escaped', async () => {
  const name = 'O’Neil <b>&</b>';
  const texts = { subject: 'Hi {{ name }}', text: '{{ name }}', html: '<p>{{ name }}</p>' };
  assert.deepEqual(await renderer.render({ texts, data: { name }, strict: false }), {
    is: 'rendered',
    texts: { subject: `Hi ${name}`, text: name, html: '<p>O’Neil &lt;b&gt;&amp;&lt;/b&gt;</p>' },
  });
});

test('conditions, loops, filters and fallbacks work, in Japanese too', async () => {
  const texts = {
    text: '{% for item in items %}{{ item.name }} {{ item.price | times: 2 }}円\n{% endfor %}{{ nick | default: "お客様" }}様',
  };
  const data = {
    items: [
      { name: 'りんご', price: 100 },
      { name: 'みかん', price: 50 },
    ],
  };
  assert.deepEqual(await renderer.render({ texts, data, strict: false }), {
    is: 'rendered',
    texts: { text: 'りんご 200円\nみかん 100円\nお客様様' },
  });
});

test('strict mode refuses what is missing and what is empty; without it both are nothing', async () => {
  const texts = { text: 'Dear {{ name }},' };
  const missing = await renderer.render({ texts, data: {}, strict: true });
  assert(missing.is === 'faulty' && missing.field === 'text' && /undefined variable/.test(missing.detail));
  const empty = await renderer.render({ texts, data: { name: '  ' }, strict: true });
  assert(empty.is === 'faulty' && /\{\{ name \}\} is empty/.test(empty.detail));
  assert.deepEqual(await renderer.render({ texts, data: {}, strict: false }), {
    is: 'rendered',
    texts: { text: 'Dear ,' },
  });
});

test('what runs wild is stopped, and the next one is rendered', async () => {
  const wild = [
    '{% for i in (1..100000000) %}x{% endfor %}',
    '{% assign s = "xxxxxxxxxx" %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}{{ s }}',
    '{% for a in (1..5000) %}{% for b in (1..5000) %}{% for c in (1..5000) %}{% endfor %}{% endfor %}{% endfor %}',
  ];
  for (const text of wild) {
    const { is } = await renderer.render({ texts: { text }, data: {}, strict: false });
    assert.equal(is, 'faulty', text);
  }
  const fine = await renderer.render({ texts: { text: 'ok' }, data: {}, strict: false });
  assert.deepEqual(fine, { is: 'rendered', texts: { text: 'ok' } });
});

test('nothing but the data is within reach: no files, no prototypes, no functions', async () => {
  const tries = [
    '{{ data.constructor.name }}{{ "x".constructor }}{{ __proto__ }}{{ process.env.PATH }}',
    '{% include "/etc/passwd" %}',
    '{% render "../package.json" %}',
    '{% layout "x" %}',
  ];
  for (const text of tries) {
    const said = await renderer.render({ texts: { text }, data: { data: {} }, strict: false });
    assert(said.is === 'faulty' || said.texts.text === '', JSON.stringify(said));
  }
});

test('a fault tells the field and the line', async () => {
  const said = await renderer.render({ texts: { html: 'a\n{% if x %}' }, data: {}, strict: false });
  assert(said.is === 'faulty' && said.field === 'html' && /line:2/.test(said.detail), JSON.stringify(said));
});
