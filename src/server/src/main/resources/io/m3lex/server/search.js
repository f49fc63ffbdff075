// The page's behaviour. Text from queries and documents gets into it as text alone, never as markup.
'use strict';

const SHOWN_TOKENS = 6;
const SNIPPET = 420;
const $ = id => document.getElementById(id);
const number = new Intl.NumberFormat('en');
let latest = 0;

/** An element with properties, attributes (null leaves one out) and children. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Asks the server; throws what it says is wrong. */
async function ask(path, body) {
  const response = await fetch(path, body === undefined ? {} : {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
  let answer = null;
  try {
    answer = await response.json();
  } catch {
    throw new Error(`The server's answer cannot be read (${response.status}).`);
  }
  if (!response.ok) throw new Error(answer.error?.message ?? `The server answered ${response.status}.`);
  return answer;
}

/** What a text begins with tells its language's script, for fonts and screen readers. */
function language(text) {
  const letters = text.slice(0, 400);
  for (const [tag, script] of [['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/u], ['ko', /\p{Script=Hangul}/u],
    ['zh', /\p{Script=Han}/u], ['ar', /\p{Script=Arabic}/u], ['hi', /\p{Script=Devanagari}/u],
    ['he', /\p{Script=Hebrew}/u], ['th', /\p{Script=Thai}/u], ['ru', /\p{Script=Cyrillic}/u],
    ['el', /\p{Script=Greek}/u]]) {
    if (script.test(letters)) return tag;
  }
  return null;
}

/** A bar of a share of its width; drawn, because the page allows no inline style. */
function bar(share) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 100 1');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  const rect = document.createElementNS(ns, 'rect');
  rect.setAttribute('width', Math.max(0, Math.min(100, 100 * share)));
  rect.setAttribute('height', 1);
  svg.append(rect);
  return element('span', {class: 'bar'}, svg);
}

function tokenRow(token, value, greatest) {
  return element('li', {}, element('bdi', {title: token}, token), bar(value / greatest),
    element('span', {class: 'n'}, value.toFixed(2)));
}

/** The rows of tokens, the first of them at once and the others on demand. */
function tokens(list, values, greatest) {
  list.replaceChildren();
  const rows = values.map(v => tokenRow(v.token, v.value, greatest));
  list.append(...rows.slice(0, SHOWN_TOKENS));
  const rest = rows.slice(SHOWN_TOKENS);
  if (rest.length === 0) return [];
  const more = element('button', {type: 'button', class: 'plain'}, `${rest.length} more tokens`);
  more.addEventListener('click', () => {
    list.append(...rest);
    more.remove();
    rest[0].tabIndex = -1;
    rest[0].focus();
  });
  return [more];
}

/** A text from one character to another with its marks, each the stronger the more it adds. */
function marked(text, marks, from, to, greatest) {
  const parts = [];
  let at = from;
  for (const mark of marks) {
    if (mark.start < from || mark.end > to) continue;
    parts.push(text.slice(at, mark.start));
    const depth = Math.max(1, Math.ceil(4 * mark.score / greatest));
    parts.push(element('mark', {class: `w${depth}`, title: mark.score.toFixed(2)}, text.slice(mark.start, mark.end)));
    at = mark.end;
  }
  parts.push(text.slice(at, to));
  return parts;
}

/** Where the stretch of a long text begins that holds the most of the score. */
function bestStretch(text, marks) {
  if (text.length <= SNIPPET) return 0;
  let best = 0;
  let bestScore = -1;
  for (let i = 0; i < marks.length; i++) {
    const seen = new Map();
    for (let j = i; j < marks.length && marks[j].end <= marks[i].start + SNIPPET - 40; j++) {
      seen.set(marks[j].feature, marks[j].score);
    }
    const score = [...seen.values()].reduce((a, b) => a + b, 0);
    if (score > bestScore + 1e-9) {
      bestScore = score;
      best = marks[i].start;
    }
  }
  let start = best <= 60 ? 0 : best - 40;
  if (start > 0) {
    const space = text.indexOf(' ', start);
    if (space >= 0 && space < best) start = space + 1;
  }
  // Not in the middle of a character.
  return start > 0 && /[\uDC00-\uDFFF]/.test(text[start]) ? start - 1 : start;
}

function snippet(hit, greatest) {
  const words = element('p', {class: 'words', dir: 'auto', lang: language(hit.text)});
  const start = bestStretch(hit.text, hit.textMarks);
  let end = Math.min(hit.text.length, start + SNIPPET);
  const cut = hit.textMarks.find(m => m.start < end && m.end > end);
  if (cut) end = cut.start;
  if (end < hit.text.length && /[\uDC00-\uDFFF]/.test(hit.text[end])) end--;
  words.append(start > 0 ? '… ' : '', ...marked(hit.text, hit.textMarks, start, end, greatest),
    end < hit.text.length ? ' …' : '');
  if (start === 0 && end === hit.text.length) return [words];
  const whole = element('button', {type: 'button', class: 'plain'}, 'Show the whole text');
  whole.addEventListener('click', () => {
    words.replaceChildren(...marked(hit.text, hit.textMarks, 0, hit.text.length, greatest));
    words.tabIndex = -1;
    words.focus();
    whole.remove();
  });
  return [words, whole];
}

function row(...cells) {
  return element('tr', {}, ...cells);
}

function cell(text, kind) {
  return element('td', kind ? {class: kind} : {}, text);
}

/** The products behind a score, as the server explains them. */
function explanation(answer) {
  const body = element('tbody', {});
  for (const c of answer.contributions) {
    body.append(row(element('th', {scope: 'row'}, element('bdi', {}, c.token)),
      cell(c.queryWeight.toFixed(4)), cell(c.documentWeight.toFixed(4)), cell(c.score.toFixed(4))));
  }
  body.append(element('tr', {class: 'average'}, element('th', {scope: 'row'}, 'score'), cell(''), cell(''),
    cell(answer.score.toFixed(4))));
  const head = element('thead', {}, row(...['token', 'query', 'document', 'product'].map(
    text => element('th', {scope: 'col'}, text))));
  const table = element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Explanation of ${answer.id}`},
    element('table', {}, head, body));
  const missing = answer.missing.map(m => m.token);
  return missing.length === 0 ? [table]
    : [table, element('p', {class: 'note', dir: 'auto'}, `Not in the document: ${missing.join(', ')}`)];
}

function details(query, hit) {
  const made = element('details', {}, element('summary', {}, 'Explain'));
  made.addEventListener('toggle', async () => {
    if (!made.open || made.childElementCount > 1) return;
    const place = element('div', {}, 'Asking the server.');
    made.append(place);
    try {
      place.replaceChildren(...explanation(await ask('explain', {query, id: hit.id})));
    } catch (problem) {
      place.replaceChildren(problem.message);
    }
  });
  return made;
}

/** What marks and bars of a ranking are measured by, so that hits can be compared. */
function greatestScore(hits) {
  return hits.reduce((most, hit) => hit.contributions.reduce((a, c) => Math.max(a, c.score), most), 1e-9);
}

function hitItem(query, hit, sparse, greatest) {
  const item = element('li', {}, element('div', {class: 'hit'},
    element('span', {class: 'rank'}, `${hit.rank}.`), element('bdi', {class: 'id'}, hit.id),
    element('span', {class: 'score'}, hit.score.toFixed(4))));
  if (hit.title !== '') {
    item.append(element('p', {class: 'words', dir: 'auto', lang: language(hit.title)},
      element('b', {}, ...marked(hit.title, hit.titleMarks, 0, hit.title.length, greatest))));
  }
  item.append(...snippet(hit, greatest));
  const list = element('ul', {class: 'tokens', 'aria-label': `What each token adds to the score of ${hit.id}`});
  const more = tokens(list, hit.contributions.map(c => ({token: c.token, value: c.score})), greatest);
  item.append(list, ...more);
  if (sparse) item.append(details(query, hit));
  return item;
}

async function search(query) {
  const turn = ++latest;
  const status = $('status');
  status.classList.remove('failed');
  status.textContent = 'Searching.';
  let answer = null;
  try {
    answer = await ask('search', {query, k: Number($('k').value), explain: true, bm25: true});
  } catch (problem) {
    if (turn === latest) {
      status.classList.add('failed');
      status.textContent = problem.message;
      $('query-weights').hidden = true;
      $('rankings').hidden = true;
    }
    return;
  }
  if (turn !== latest) return; // A later search has been asked for.
  const hits = answer.hits.length;
  status.textContent = answer.vector.length === 0 ? 'The query has no features.'
    : `${hits} ${hits === 1 ? 'hit' : 'hits'} in ${answer.millis} ms, BM25 and marks included.`;
  $('query-weights').hidden = answer.vector.length === 0;
  document.querySelectorAll('#query-weights > button').forEach(b => b.remove());
  const weights = answer.vector.map(w => ({token: w.token, value: w.weight}));
  $('weights').after(...tokens($('weights'), weights, weights[0]?.value ?? 1));
  $('expansion-note').hidden = !answer.vector.some(w => w.token.startsWith('~'));
  $('rankings').hidden = false;
  const greatest = greatestScore(answer.hits);
  $('m3lex').replaceChildren(...answer.hits.map(hit => hitItem(query, hit, true, greatest)));
  const greatestOfBm25 = greatestScore(answer.bm25.hits);
  $('bm25').replaceChildren(...answer.bm25.hits.map(hit => hitItem(query, hit, false, greatestOfBm25)));
  $('bm25-note').hidden = answer.bm25.absent === undefined && answer.bm25.hits.length > 0;
  $('bm25-note').textContent = answer.bm25.absent ?? 'No document shares a word with the query.';
}

function settings(pairs) {
  const body = element('tbody', {});
  for (const [name, value] of pairs) {
    body.append(row(element('th', {scope: 'row'}, name), element('td', {}, element('bdi', {}, String(value)))));
  }
  return element('div', {class: 'scroll'}, element('table', {class: 'settings'}, body));
}

function verification(report) {
  const numbers = new Set(['bytes', 'tensors', 'parameters']);
  const body = element('tbody', {});
  for (const file of report.files) {
    body.append(row(element('th', {scope: 'row'}, file.file), cell(file.role.toLowerCase()), cell(number.format(file.bytes), 'n'),
      cell(file.passed ? 'right' : 'wrong'), cell(file.tensors ? number.format(file.tensors) : '', 'n'),
      cell(file.parameters ? number.format(file.parameters) : '', 'n'), cell((file.sha256 ?? '').slice(0, 12))));
  }
  const head = element('thead', {}, row(...['file', 'role', 'bytes', 'content', 'tensors', 'parameters', 'SHA-256'].map(
    text => element('th', {scope: 'col', class: numbers.has(text) ? null : 'left'}, text))));
  return [element('h3', {}, 'Verification of the model'),
    element('p', {class: 'note'}, report.passed
      ? 'Files, tensors and golden weights are those of the manifest.' : report.faults.join(' ')),
    element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Verification of the model'},
      element('table', {}, head, body))];
}

async function about() {
  const place = $('about');
  try {
    const index = await ask('index');
    $('facts').textContent = `${index.name} · ${number.format(index.documents)} documents · ${index.model}`;
    const witnesses = index.witnesses.texts === 0 ? 'none: the vectors were made elsewhere'
      : `${index.witnesses.texts} texts encoded again at start, greatest drift ${index.witnesses.drift} of ${index.witnesses.tolerance} accepted`;
    place.append(settings([['Index', index.name], ['Documents', number.format(index.documents)],
      ['Features', number.format(index.features)], ['Postings', number.format(index.postings)],
      ['Changes', index.writable ? 'accepted' : 'refused'],
      ['BM25 beside it', index.bm25Documents ? `${number.format(index.bm25Documents)} documents, as they were at start` : 'not built'],
      ['Model', index.model], ['Fingerprint', index.fingerprint], ['Witnesses', witnesses]]));
    if (index.verification) place.append(...verification(index.verification));
    const more = element('details', {class: 'more'}, element('summary', {}, 'What decides a weight'),
      settings(Object.entries(index.components)));
    place.append(more);
    if (index.queries === 'vectors') {
      $('status').textContent = 'This index holds vectors that were made elsewhere: it is searched by vector, over the API.';
      $('query').disabled = true;
    }
  } catch (problem) {
    place.textContent = problem.message;
  }
}

$('form').addEventListener('submit', event => {
  event.preventDefault();
  const query = $('query').value;
  if (query.trim() === '') return;
  const address = new URL(location.href);
  address.searchParams.set('q', query);
  if (address.href !== location.href) history.pushState(null, '', address);
  search(query);
});

function fromAddress() {
  const query = new URL(location.href).searchParams.get('q');
  $('query').value = query ?? '';
  if (query) search(query);
}

addEventListener('popstate', fromAddress);
about();
fromAddress();
