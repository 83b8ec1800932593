// What a wallet in the browser adds to the pages: a list of its accounts, and its signature. Both can be typed in instead.
"use strict";

const wallets = () => Object.entries(window.injectedWeb3 ?? {});
const show = (id) => document.getElementById(id)?.removeAttribute("hidden");
const say = (text) => {
  const place = document.getElementById("wallet-says");
  if (place) {
    place.textContent = text;
    place.removeAttribute("hidden");
  }
};

// Extensions add themselves to the page at their own time.
async function present() {
  for (let tries = 0; tries < 20 && wallets().length === 0; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return wallets();
}

async function listAccounts() {
  const list = document.getElementById("accounts");
  for (const [name, wallet] of wallets()) {
    const { accounts } = await wallet.enable("MedRec");
    for (const account of await accounts.get()) {
      const option = document.createElement("option");
      option.value = account.address;
      option.textContent = `${account.name ?? name}: ${account.address}`;
      list.append(option);
    }
  }
  if (list.options.length > 0) {
    const typed = document.getElementById("account");
    typed.value = list.value;
    list.addEventListener("change", () => { typed.value = list.value; });
    show("wallet-accounts");
  } else {
    say("The wallet shows no account to this page.");
  }
}

async function sign() {
  const { address, message } = document.getElementById("sign").dataset;
  const bytes = new TextEncoder().encode(message);
  const data = `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  for (const [, wallet] of wallets()) {
    const { accounts, signer } = await wallet.enable("MedRec");
    if ((await accounts.get()).some((account) => account.address === address)) {
      const { signature } = await signer.signRaw({ address, data, type: "bytes" });
      document.getElementById("signature").value = signature;
      document.getElementById("signed").submit();
      return;
    }
  }
  say("No wallet in this browser has this account.");
}

const guarded = (action) => () => action().catch((error) => say(`The wallet says: ${error?.message ?? error}`));

present().then((found) => {
  if (found.length === 0) return;
  if (document.getElementById("connect")) {
    document.getElementById("connect").addEventListener("click", guarded(listAccounts));
    show("wallet");
  }
  if (document.getElementById("sign")) {
    document.getElementById("sign").addEventListener("click", guarded(sign));
    show("wallet");
  }
});
