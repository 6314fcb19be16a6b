// Shows the pictures that a key has uploaded, by signed URLs, with what each of them costs.

const number = new Intl.NumberFormat("en");
const at = (id) => document.getElementById(id);

let key = "";

/** Asks the gateway something with the key. */
async function ask(path, body) {
  const asked = { headers: { "X-API-Key": key }, credentials: "omit", cache: "no-store" };
  if (body) {
    asked.method = "POST";
    asked.headers["Content-Type"] = "application/json";
    asked.body = JSON.stringify(body);
  }
  const answer = await fetch(path, asked);
  if (!answer.ok) {
    throw new Error(await told(answer));
  }
  return answer.json();
}

/** What a problem (RFC 9457) says. */
async function told(answer) {
  const problem = await answer.json().catch(() => ({}));
  const faults = (problem.errors ?? []).map((each) => `${each.field}: ${each.detail}`);
  return [`${answer.status} ${problem.title ?? answer.statusText}`, problem.detail, ...faults].filter(Boolean).join("\n");
}

/** The pixels of today: used, and the most there may be. Draws the bar as well. */
async function quota() {
  const { usage } = await ask("/api/v1/account/usage");
  const row = usage.find((each) => each.meter === "pixels" && each.window === "day");
  at("used").max = row.most ?? Math.max(1, row.used);
  at("used").value = row.used;
  at("left").value = row.most === null
    ? `${number.format(row.used)} used, without an end`
    : `${number.format(row.remaining)} of ${number.format(row.most)} left`;
  at("quota").hidden = false;
  return row.used;
}

/** How many pixels were charged since then. They are settled a moment after the picture has come. */
async function charged(since, expected) {
  for (let patience = 20; patience > 0; patience--) {
    const used = await quota();
    if (used !== since || !expected) {
      return used - since;
    }
    await new Promise((then) => setTimeout(then, 100));
  }
  return 0;
}

/** Shows a picture as one of the presets, by a URL that is signed for it now. */
async function show(figure, upload, preset) {
  const before = await quota();
  const { url } = await ask("/api/v1/account/signed-urls",
    { source: upload.source, options: `preset:${preset}`, expires_in: "5m" });
  const answer = await fetch(url, { credentials: "omit" });
  if (!answer.ok) {
    throw new Error(await told(answer));
  }
  const picture = figure.querySelector("img");
  const content = URL.createObjectURL(await answer.blob());
  picture.src = content;
  await picture.decode();
  URL.revokeObjectURL(content);
  const cache = answer.headers.get("Cache-Status") ?? "none";
  const pixels = picture.naturalWidth * picture.naturalHeight;
  const say = (name, text) => { figure.querySelector(`.${name}`).textContent = text; };
  say("made", `${picture.naturalWidth} × ${picture.naturalHeight} = ${number.format(pixels)} pixels`);
  say("cache", cache);
  say("charged", `${number.format(await charged(before, cache.includes("fwd=")))} pixels`);
}

/** Does one thing after the other, so that a charge can be told from the next. */
let last = Promise.resolve();
function inTurn(deed) {
  last = last.then(deed).catch((fault) => {
    at("fault").textContent = fault.message;
    at("fault").hidden = false;
  });
}

function add(upload) {
  const figure = at("picture").content.cloneNode(true).querySelector("figure");
  figure.querySelector("img").alt = `${upload.type}, ${upload.width} × ${upload.height}`;
  for (const preset of ["thumb", "large"]) {
    figure.querySelector(`button.${preset}`).addEventListener("click", () => {
      at("fault").hidden = true;
      inTurn(() => show(figure, upload, preset));
    });
  }
  at("pictures").append(figure);
  inTurn(() => show(figure, upload, "thumb"));
}

at("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  key = at("key").value.trim();
  at("key").value = "";
  at("fault").hidden = true;
  at("pictures").replaceChildren();
  inTurn(async () => {
    await quota();
    const { uploads } = await ask("/api/v1/upload?limit=12");
    uploads.forEach(add);
  });
});
