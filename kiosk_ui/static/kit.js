// Everything that the shop's pages do in the browser. No library, no build.
//
// data-swap="#id" on a form  POST by fetch with header x-swap; the answer replaces #id. Answer headers: x-target names
//                            another element, x-location leads to another screen. Without this file the same form
//                            posts and is redirected.
// data-live="/url"           one event stream a page. Messages are JSON {text:{k:v}, gauge:{k:v}, state, stable};
//                            event `fragment`: first line target id, rest HTML; event `go`: a path; any event is a beat.
// data-scan="/url"           what the scanner reads goes there, one after another. data-scan-prefix: its prefix key.
// data-with-scan              this form's fields go with every scan.
// data-sim-scan="CODE"       the demo's scanner: types the code as the wedge would. So does window event `wedge`.
// data-keypad="#input"       keypad; its buttons carry data-key.
// data-idle="90,15"          on body: seconds until the sheet, seconds of the sheet. It guards [data-personal] screens and
//                            waits while [data-busy] is there.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const root = document.documentElement;

// --- press: seen before any network
const PRESSABLE = 'button, .button, .tile';
let pressed = null;
const release = () => { pressed?.classList.remove('pressed'); pressed = null; };
addEventListener('pointerdown', (event) => {
  release();
  pressed = event.target.closest?.(PRESSABLE) ?? null;
  pressed?.classList.add('pressed');
}, { passive: true });
for (const end of ['pointerup', 'pointercancel', 'blur']) addEventListener(end, release, { passive: true });

// --- fragments
const freshKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');

function dialogs() {
  for (const sheet of all('dialog[data-modal][open]:not(:modal)')) {
    sheet.close();
    sheet.showModal();
  }
}

function replace(selector, html) {
  const old = one(selector);
  if (!old) return;
  const holder = document.createElement('template');
  holder.innerHTML = html;
  const next = holder.content.querySelector(selector);
  const held = old.contains(document.activeElement);
  old.replaceWith(holder.content);
  dialogs();
  if (held) one('[autofocus], [data-focus]', next ?? document)?.focus();
  follow();
  if (next) one('#status').textContent = all('[data-say]', next).map((part) => part.dataset.say).join(' ');
  if (next && one('[data-refused]', next)) sound(2);
}

async function settle(answer, selector) {
  const place = answer.headers.get('x-location');
  if (place) { location.assign(place); return 'gone'; }
  if (answer.redirected) { location.assign(answer.url); return 'gone'; }
  if (!(answer.headers.get('content-type') ?? '').startsWith('text/html')) throw new Error(`answer ${answer.status}`);
  replace(answer.headers.get('x-target') ?? selector, await answer.text());
  return 'here';
}

function hold(form, submitter, on) {
  form.toggleAttribute('data-held', on);
  const parts = all('button', form).concat(submitter ? [submitter] : []);
  for (const button of parts) {
    if (on) button.dataset.was = String(button.disabled);
    button.disabled = on || button.dataset.was === 'true';
  }
  if (on) submitter?.setAttribute('aria-busy', 'true');
  else submitter?.removeAttribute('aria-busy');
}

async function post(url, body, selector) {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'x-swap': selector } });
  return settle(answer, selector);
}

document.addEventListener('submit', async (event) => {
  const { target: form, submitter } = event;
  if (form.method === 'dialog' || form.method === 'get') return;
  if (form.hasAttribute('data-held')) { event.preventDefault(); return; }
  const body = new FormData(form, submitter);
  if (form.closest('.manual')) along(body);
  if (!form.dataset.swap) { setTimeout(() => hold(form, submitter, true)); return; }
  event.preventDefault();
  hold(form, submitter, true);
  try {
    if (await post(form.action, new URLSearchParams(body), form.dataset.swap) === 'gone') return;
    const key = one('[name=key]', form);
    if (key) key.value = freshKey();
  } catch {
    away(true); // the key stays: a second try is the same act
  }
  hold(form, submitter, false);
});

// --- live
const away = (on) => { const banner = one('#away'); if (banner) banner.hidden = !on; };

function live(url) {
  let stream; let retry; let dog; let wait = 300; let over = false;
  const beat = () => { wait = 300; away(false); clearTimeout(dog); dog = setTimeout(silent, 2500); };
  const silent = () => { away(true); clearTimeout(dog); dog = setTimeout(silent, 2500); again(); };
  const again = () => {
    stream?.close();
    clearTimeout(retry);
    retry = setTimeout(open, wait);
    wait = Math.min(wait * 1.6, 2000);
  };
  const stop = () => { over = true; stream?.close(); clearTimeout(retry); clearTimeout(dog); };
  const on = (name, use) => stream.addEventListener(name, (event) => { beat(); use(event.data); });
  function open() {
    stream?.close();
    stream = new EventSource(one('[data-live]')?.dataset.live ?? url); // listeners belong to this stream: a new one never doubles them
    on('message', (data) => show(JSON.parse(data)));
    on('fragment', (data) => {
      const cut = data.indexOf('\n');
      replace(`#${data.slice(0, cut)}`, data.slice(cut + 1));
    });
    on('go', (path) => { if (path.startsWith('/') && !path.startsWith('//')) location.assign(path); });
    on('beat', () => {});
    stream.onerror = again;
  }
  addEventListener('pagehide', () => { if (!over) { stop(); over = false; } });
  addEventListener('pageshow', (event) => { if (event.persisted && !over) { open(); beat(); } });
  open();
  beat();
  return stop;
}

let following; let leave = () => {};
function follow() {
  const url = one('[data-live]')?.dataset.live;
  if (url === following) return; // its query says which screen the page shows
  leave();
  following = url;
  leave = url ? live(url) : () => {};
}

function show({ text = {}, gauge = {}, state, stable }) {
  for (const [name, value] of Object.entries(text)) {
    for (const place of all(`[data-bind="${name}"]`)) if (place.textContent !== value) place.textContent = value;
  }
  for (const block of all('[data-gauge]')) {
    for (const [name, value] of Object.entries(gauge)) block.style.setProperty(`--${name}`, value / 1000);
    if (state) block.dataset.state = state;
    if (stable !== undefined) block.dataset.stable = stable;
    const meter = one('[role=meter]', block);
    if (meter && gauge.now !== undefined) {
      meter.setAttribute('aria-valuenow', gauge.now);
      if (text.mg) meter.setAttribute('aria-valuetext', `${text.mg} g`);
    }
    block.classList.add('live');
  }
}

// --- scanner
const codes = [];
function along(body) { // what was typed beside the scan is not lost when the page comes again
  const form = one('form[data-with-scan]');
  if (form) for (const [name, value] of new FormData(form)) if (!body.has(name)) body.append(name, value);
}
const scanning = () => one('[data-scan]')?.dataset ?? {};
let posting = false;

async function drain() {
  if (posting) return;
  posting = true;
  while (codes.length) {
    const { scan } = scanning();
    const token = one('[name=token]')?.value ?? '';
    const body = new URLSearchParams({ code: codes[0], how: 'wedge', key: freshKey(), token });
    along(body);
    try {
      if (await post(scan, body, '#screen') === 'gone') return;
      if (!one('[data-refused]')) sound(1);
    } catch { away(true); }
    codes.shift();
  }
  posting = false;
}

const burst = { text: '', at: -1e9, field: null, value: '', prefixed: false };
addEventListener('keydown', (event) => {
  const { scan, scanPrefix } = scanning();
  if (!scan || event.ctrlKey || event.altKey || event.metaKey) return;
  const fast = event.timeStamp - burst.at < 35;
  if (scanPrefix && event.key === scanPrefix) {
    Object.assign(burst, { text: '', at: event.timeStamp, prefixed: true });
    event.preventDefault();
    return;
  }
  if (event.key === 'Enter') {
    const whole = burst.prefixed || (fast && burst.text.length >= 6);
    if (whole && burst.text) {
      event.preventDefault();
      event.stopPropagation();
      if (burst.field && !burst.prefixed) burst.field.value = burst.value; // what the wedge typed was not for this field
      codes.push(burst.text);
      drain();
    }
    Object.assign(burst, { text: '', prefixed: false });
    return;
  }
  if (event.key.length !== 1) return;
  if (!burst.prefixed && !fast) {
    const field = document.activeElement?.matches?.('input, textarea') ? document.activeElement : null;
    Object.assign(burst, { text: '', field, value: field?.value ?? '' });
  }
  if (burst.text.length < 200) burst.text += event.key;
  burst.at = event.timeStamp;
  if (burst.prefixed) event.preventDefault();
}, true);

function wedge(code) {
  Object.assign(burst, { text: '', prefixed: true });
  for (const key of [...code, 'Enter']) {
    dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  }
}
addEventListener('wedge', (event) => wedge(String(event.detail)));

// --- keypads and the simulated scanner
document.addEventListener('click', (event) => {
  const sim = event.target.closest('[data-sim-scan]');
  if (sim) { wedge(sim.dataset.simScan); sim.closest('details')?.removeAttribute('open'); return; }
  const button = event.target.closest('[data-key]');
  if (!button) return;
  const input = one(button.closest('[data-keypad]').dataset.keypad) ?? one('input[data-current]');
  const { key } = button.dataset;
  if (key === 'back') input.value = input.value.slice(0, -1);
  else if (input.maxLength < 0 || input.value.length < input.maxLength) input.value += key;
  input.dispatchEvent(new Event('input', { bubbles: true }));
});
document.addEventListener('focusin', ({ target }) => {
  if (!target.matches?.('input[data-pad]')) return;
  all('input[data-current]').forEach((input) => input.removeAttribute('data-current'));
  target.setAttribute('data-current', '');
});

// --- idle guard
function guard(quiet, warning) {
  const sheet = one('#idle');
  const left = one('[data-left]', sheet);
  let timer; let seconds;
  const rest = () => { clearTimeout(timer); timer = setTimeout(warn, quiet * 1000); };
  const stay = () => { if (!sheet.open) rest(); }; // closing it on the press would hand the click to what lies below
  const tick = () => {
    if (seconds <= 0) { one('form[data-wipe]', sheet).submit(); return; }
    left.textContent = seconds;
    seconds -= 1;
    timer = setTimeout(tick, 1000);
  };
  function warn() {
    if (!one('[data-personal]') || one('[data-busy]')) { rest(); return; }
    seconds = warning;
    sheet.showModal();
    tick();
  }
  for (const sign of ['pointerdown', 'keydown']) addEventListener(sign, stay, { passive: true });
  sheet.addEventListener('close', rest);
  rest();
}

// --- sounds: never alone, always beside words
let audio;
function sound(times) {
  if (!('sounds' in document.body.dataset)) return;
  audio ??= new AudioContext();
  for (let i = 0; i < times; i += 1) {
    const at = audio.currentTime + i * 0.12;
    const tone = new OscillatorNode(audio, { frequency: times === 1 ? 1320 : 440 });
    const level = new GainNode(audio, { gain: 0.05 });
    tone.connect(level).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.05);
  }
}

// --- start
addEventListener('pageshow', (event) => {
  if (event.persisted) all('form[data-held]').forEach((form) => hold(form, one('[aria-busy]', form), false));
});
if (root.dataset.mm) root.style.setProperty('--mm', `${root.dataset.mm / 10}px`);
dialogs();
follow();
if (document.body.dataset.idle) guard(...document.body.dataset.idle.split(',').map(Number));
